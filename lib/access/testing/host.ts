import type { AccountFacts, FileFacts, HostFacts } from "@/lib/access/facts";

/** An account of a host that a test describes. */
export interface TestAccount extends Partial<AccountFacts> {
  name: string;
  /** The text of ~/.ssh/authorized_keys. */
  keys?: string;
}

/** A host in the words of a test; all that is not said is as on a plain Debian. */
export interface TestHost {
  config: string;
  accounts: readonly TestAccount[];
  files?: Readonly<Record<string, FileFacts>>;
  more?: Partial<HostFacts>;
  version?: string;
}

const directory = (uid: number, gid: number, mode: number): FileFacts => ({
  kind: "directory",
  uid,
  gid,
  mode,
});

const debianPam = `auth [success=1 default=ignore] pam_unix.so nullok
auth requisite pam_deny.so
auth required pam_permit.so
account required pam_nologin.so
account required pam_unix.so
session required pam_permit.so
`;

/** The facts of a host as the collector would bring them home. */
export function hostWith({ config, accounts, files = {}, more = {}, version }: TestHost): HostFacts {
  const found: Record<string, FileFacts> = {
    "/": directory(0, 0, 0o755),
    "/etc": directory(0, 0, 0o755),
    "/etc/ssh": directory(0, 0, 0o755),
    "/home": directory(0, 0, 0o755),
    "/bin/bash": { kind: "file", uid: 0, gid: 0, mode: 0o755 },
    "/usr/sbin/nologin": { kind: "file", uid: 0, gid: 0, mode: 0o755 },
    "/etc/pam.d/sshd": { kind: "file", uid: 0, gid: 0, mode: 0o644, text: debianPam },
    "/etc/ssh/sshd_config": { kind: "file", uid: 0, gid: 0, mode: 0o644, text: config },
  };
  const known = accounts.map(({ keys, ...given }, index): AccountFacts => {
    const uid = given.uid ?? (given.name === "root" ? 0 : 1000 + index);
    const home = given.home ?? (uid === 0 ? "/root" : `/home/${given.name}`);
    found[home] = directory(uid, uid, 0o755);
    if (keys !== undefined) {
      found[`${home}/.ssh`] = directory(uid, uid, 0o700);
      found[`${home}/.ssh/authorized_keys`] = { kind: "file", uid, gid: uid, mode: 0o600, text: keys };
    }
    return {
      uid,
      gid: uid,
      fullName: "",
      home,
      shell: "/bin/bash",
      groups: [given.name],
      password: "usable",
      ...given,
    };
  });
  return {
    format: 1,
    collectedAt: "2026-07-01T00:00:00Z",
    isConsistent: true,
    cuts: [],
    sshd: {
      version: version ?? "OpenSSH_9.2p1 Debian-2+deb12u3",
      system: "debian 12",
      configPath: "/etc/ssh/sshd_config",
      listeners: [{ args: ["-D"], addresses: ["0.0.0.0:22", "[::]:22"], isSocketActivated: false }],
      hasPam: true,
      zoneMinutes: 0,
    },
    accounts: known,
    groups: known.map((account) => ({ name: account.name, gid: account.gid, members: [] })),
    otp: [],
    sudo: [],
    logins: [],
    ...more,
    files: { ...found, ...files },
  };
}
