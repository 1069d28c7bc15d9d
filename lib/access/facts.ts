/**
 * What was read on a host about who can log in. The only thing that the access model judges by.
 *
 * All of it is JSON and data from a machine that may be hostile: names may hold anything, files may be cut. There is
 * no secret in it: of a password only its state, of a one-time-password secret only whether it is there.
 */
export interface HostFacts {
  /** The shape of this object; another number is another shape. */
  readonly format: 1;
  /** When the reading began, ISO 8601 in UTC. */
  readonly collectedAt: string;
  /** False when something moved while it was read, so that its parts may not belong together. */
  readonly isConsistent: boolean;
  /** What is missing because a cap was reached, one sentence each; empty when all was read. */
  readonly cuts: readonly string[];
  readonly sshd: SshdFacts;
  readonly accounts: readonly AccountFacts[];
  /** Every group of the host that has a name, for the words of AllowGroups that name none. */
  readonly groups: readonly GroupFacts[];
  /**
   * What stands at a path, by absolute path. A path that is not here was not looked at; one that was looked at and
   * is not there has the kind "missing".
   *
   * Holds: the tree of sshd_config (with text), every file that an AuthorizedKeysFile or AuthorizedPrincipalsFile
   * pattern comes to for every account (with text), `~/.shosts`, `~/.rhosts`, `~/.ssh/known_hosts` where hostbased
   * is on, every directory above those up to `/`, shells, programs of the two commands with the directories above,
   * TrustedUserCAKeys and RevokedKeys (whole), /etc/nologin, /etc/hosts, /etc/ssh/ssh_known_hosts,
   * hosts.equiv and shosts.equiv, /etc/pam.d/sshd with what it includes, ChrootDirectory and what is above it.
   */
  readonly files: Readonly<Record<string, FileFacts>>;
  readonly otp: readonly OtpFacts[];
  readonly sudo: readonly SudoFacts[];
  /** Newest first. */
  readonly logins: readonly LoginFacts[];
  /** Since when the host's records of logins go back, ISO 8601; undefined when it keeps none. */
  readonly loginsSince?: string;
}

export interface SshdFacts {
  /** What `ssh -V` or the banner says: "OpenSSH_9.2p1 Debian-2+deb12u3". Read by lib/sshd-config/build.ts:findBuild. */
  readonly version: string;
  /** ID and VERSION_ID of os-release, joined by a blank: "debian 12". */
  readonly system: string;
  /** The file that sshd reads first: "/etc/ssh/sshd_config" unless `-f` says otherwise. */
  readonly configPath: string;
  readonly listeners: readonly ListenerFacts[];
  /** Standard output of `sshd -T` for no connection, as a check of the model; undefined when it failed. */
  readonly dump?: string;
  /** Does this sshd's PAM stack, as compiled, exist at all? False: UsePAM is an unsupported option. */
  readonly hasPam: boolean;
  /** Offset of the host's clock zone in minutes east of UTC; expiry-time without `Z` is in it. */
  readonly zoneMinutes: number;
}

/** One sshd that listens. */
export interface ListenerFacts {
  /** Its arguments without the program's name: ["-D", "-o", "PermitRootLogin=no"]. */
  readonly args: readonly string[];
  /** "0.0.0.0:22", "[::]:22". */
  readonly addresses: readonly string[];
  /** A socket unit of systemd holds the port: what sshd_config says about ports does not count. */
  readonly isSocketActivated: boolean;
}

/**
 * What the shadow password of an account is: `usable` a hash, `locked` begins with `!`, `star` begins with `*` or is
 * no hash at all, `empty` no password needed, `unknown` not readable or kept elsewhere (LDAP, sssd).
 */
export type PasswordState = "usable" | "locked" | "star" | "empty" | "unknown";

export interface AccountFacts {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** The full name field of passwd(5), as it stands. */
  readonly fullName: string;
  readonly home: string;
  /** As it stands; empty means /bin/sh. */
  readonly shell: string;
  /** Names of all groups, the primary one first; a group without a name is left out. */
  readonly groups: readonly string[];
  readonly password: PasswordState;
  /** Last day of the account, in days since 1970-01-01 (field 8 of shadow(5)); undefined: none. */
  readonly expiresOnDay?: number;
  /** Day of the last change of the password (field 3); 0: to be changed at the next login; undefined: not kept. */
  readonly passwordChangedOnDay?: number;
  /** Days after which the password must be changed (field 5); undefined: never. */
  readonly passwordMaxDays?: number;
  /** Days after that until it is of no use at all (field 7); undefined: never. */
  readonly passwordInactiveDays?: number;
}

export interface GroupFacts {
  readonly name: string;
  readonly gid: number;
  /** Field 4 of group(5) and nothing else: the ones for whom it is the primary group are not repeated here. */
  readonly members: readonly string[];
}

export type FileKind = "file" | "directory" | "symlink" | "other" | "missing" | "unreadable";

export interface FileFacts {
  readonly kind: FileKind;
  /** Absent for "missing" and "unreadable". */
  readonly uid?: number;
  readonly gid?: number;
  /** The twelve lowest bits: 0o644 is 420. */
  readonly mode?: number;
  /** Of a symlink: what realpath(3) comes to, absolute. Facts about that path stand under it. */
  readonly target?: string;
  /** The content, when it was read and is UTF-8 without NUL. */
  readonly text?: string;
  /** The content in base64, when it was read and is anything else. Never both. */
  readonly base64?: string;
  /** Bytes of the whole file, for files. */
  readonly size?: number;
  /** The content is only the beginning of the file. */
  readonly isCut?: boolean;
}

/** The state of a second factor that a PAM module keeps for an account. Never the secret. */
export interface OtpFacts {
  readonly account: string;
  /** "pam_google_authenticator.so", "pam_oath.so", … */
  readonly module: string;
  readonly path: string;
  readonly isPresent: boolean;
  /** The file has the shape that the module reads. */
  readonly isValid: boolean;
  /** It is there and could not be read, so its shape is not known. */
  readonly isUnread?: boolean;
  readonly uid?: number;
  readonly mode?: number;
}

/** What sudo lets an account do. */
export interface SudoFacts {
  readonly account: string;
  /** May it run anything as root? */
  readonly isAll: boolean;
  /** May it do so without giving a password? */
  readonly isWithoutPassword: boolean;
  /** "/etc/sudoers.d/ops:3" where known. */
  readonly source?: string;
}

export interface LoginFacts {
  readonly account: string;
  /** ISO 8601 in UTC. */
  readonly at: string;
  /** "publickey", "password", … as sshd logs it; undefined when only wtmp knows of it. */
  readonly method?: string;
  /** "SHA256:…" of the key, where logged. */
  readonly fingerprint?: string;
  readonly address?: string;
}
