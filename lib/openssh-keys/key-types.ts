/** A kind of key that OpenSSH knows, or knew while its servers are still in use. */
export interface KeyType {
  /** As in sshd's lists of algorithms and at the start of a blob: "ssh-ed25519". */
  readonly name: string;
  /** The name of its certificates. */
  readonly certificateName: string;
  /** As `ssh-keygen -l` prints it: "ED25519". */
  readonly label: string;
  readonly family: "ed25519" | "ecdsa" | "rsa" | "dsa" | "mldsa44-ed25519";
  /** ECDSA only. */
  readonly curve?: CurveName;
  /** The private half lives in a security key; its blob ends in an application. */
  readonly isSecurityKey: boolean;
  /** Releases that read it, as `Release` of lib/sshd-config/build.ts counts; both ends are included. */
  readonly since?: number;
  readonly until?: number;
}

export type CurveName = "nistp256" | "nistp384" | "nistp521";

const certificateSuffix = "-cert-v01@openssh.com";
const openssh = "@openssh.com";

/** Every type that a blob may have. A certificate counts as its plain type. */
export const keyTypes: readonly KeyType[] = [
  keyType("ssh-ed25519", "ED25519", "ed25519"),
  keyType("sk-ssh-ed25519@openssh.com", "ED25519-SK", "ed25519", { isSecurityKey: true, since: 802 }),
  keyType("ecdsa-sha2-nistp256", "ECDSA", "ecdsa", { curve: "nistp256" }),
  keyType("ecdsa-sha2-nistp384", "ECDSA", "ecdsa", { curve: "nistp384" }),
  keyType("ecdsa-sha2-nistp521", "ECDSA", "ecdsa", { curve: "nistp521" }),
  keyType("sk-ecdsa-sha2-nistp256@openssh.com", "ECDSA-SK", "ecdsa", {
    curve: "nistp256",
    isSecurityKey: true,
    since: 802,
  }),
  keyType("ssh-rsa", "RSA", "rsa"),
  // Debian and Ubuntu compiled it in until the code was removed.
  keyType("ssh-dss", "DSA", "dsa", { until: 909 }),
  keyType("ssh-mldsa44-ed25519@openssh.com", "MLDSA44-ED25519", "mldsa44-ed25519", { since: 1004 }),
];

function keyType(
  name: string,
  label: string,
  family: KeyType["family"],
  more: Partial<Pick<KeyType, "curve" | "isSecurityKey" | "since" | "until">> = {},
): KeyType {
  const plain = name.endsWith(openssh) ? name.slice(0, -openssh.length) : name;
  return {
    name,
    certificateName: `${plain}${certificateSuffix}`,
    label,
    family,
    isSecurityKey: false,
    ...more,
  };
}

/** What a type's name stands for, on a line or inside a blob. */
export interface NamedKeyType {
  readonly type: KeyType;
  readonly isCertificate: boolean;
  /** Releases that read this name; both ends are included. */
  readonly since?: number;
  readonly until?: number;
}

const byName = new Map<string, NamedKeyType>();
for (const type of keyTypes) {
  const { since, until } = type;
  byName.set(type.name, { type, isCertificate: false, since, until });
  byName.set(type.certificateName, { type, isCertificate: true, since, until });
}
// Names of signature algorithms: sshd takes each for the type of key that makes such signatures.
nameAgain("ssh-rsa", "rsa-sha2-256");
nameAgain("ssh-rsa", "rsa-sha2-512");
nameAgain("ssh-rsa-cert-v01@openssh.com", "rsa-sha2-256-cert-v01@openssh.com");
nameAgain("ssh-rsa-cert-v01@openssh.com", "rsa-sha2-512-cert-v01@openssh.com");
nameAgain("sk-ecdsa-sha2-nistp256@openssh.com", "webauthn-sk-ecdsa-sha2-nistp256@openssh.com", 804);
nameAgain(
  "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
  "webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
  1003,
);

function nameAgain(name: string, other: string, since?: number) {
  const named = byName.get(name);
  if (named) byName.set(other, { ...named, since: since ?? named.since });
}

/**
 * The type that a name stands for; names are compared exactly, also in case.
 *
 * @param release of OpenSSH, as lib/sshd-config/build.ts counts (902 is 9.2); every one that we know when not given
 * @see sshkey.c:type_from_name, peek_type_nid
 */
export function keyTypeByName(name: string, release?: number): NamedKeyType | undefined {
  const named = byName.get(name);
  if (!named || release === undefined) return named;
  const { since = 0, until = Number.POSITIVE_INFINITY } = named;
  return release >= since && release <= until ? named : undefined;
}
