import type { Random } from "@/lib/sshd-config/testing/random";

const networks = [
  "10.0.0.0/8",
  "10.1.0.0/16",
  "192.0.2.7",
  "2001:db8::/32",
  "10.1.*",
  "!10.1.2.3,10.0.0.0/8",
  "*:*",
  "127.*",
];
const names = ["alice", "bob", "b*", "root", "*", "carol", "al?ce", "zed"];
const groups = ["admins", "ops", "alice", "*", "users", "root", "a*"];
const yesNo = ["yes", "no"];

const methodLists = [
  "any",
  "publickey",
  "publickey,password",
  "publickey,publickey",
  "password,publickey",
  "publickey,keyboard-interactive",
  "keyboard-interactive:pam,publickey",
  "publickey,password publickey,keyboard-interactive",
  "password keyboard-interactive",
  "publickey,publickey,publickey",
  "hostbased,publickey",
  "none",
  "publickey,none",
];

type Line = (r: Random) => string;

const listed =
  (keyword: string, words: readonly string[]): Line =>
  (r) =>
    `${keyword} ${Array.from({ length: r.between(1, 2) }, () => r.pick(words)).join(" ")}`;

const userAtHost: Line = (r) =>
  `${r.pick(["AllowUsers", "AllowUsers", "DenyUsers"])} ${r.pick(names)}${r.chance(0.4) ? `@${r.pick(networks)}` : ""}${r.chance(0.4) ? ` ${r.pick(names)}` : ""}`;

const choice =
  (keyword: string, values: readonly string[]): Line =>
  (r) =>
    `${keyword} ${r.pick(values)}`;

/** What may stand anywhere. */
const anywhere: readonly Line[] = [
  choice("PasswordAuthentication", yesNo),
  choice("KbdInteractiveAuthentication", yesNo),
  choice("PubkeyAuthentication", ["yes", "yes", "no"]),
  choice("PermitEmptyPasswords", yesNo),
  choice("PermitRootLogin", ["yes", "no", "prohibit-password", "without-password", "forced-commands-only"]),
  choice("PermitRootLogin", ["yes", "forced-commands-only"]),
  choice("AuthenticationMethods", methodLists),
  choice("AuthenticationMethods", methodLists),
  userAtHost,
  userAtHost,
  listed("AllowGroups", groups),
  listed("DenyGroups", groups),
  choice("AuthorizedKeysFile", [
    ".ssh/authorized_keys",
    "%h/.ssh/authorized_keys",
    "/etc/ssh/keys/%u",
    "/srv/shared .ssh/authorized_keys",
    "/srv/%U",
    "none",
    ".ssh/authorized_keys2 /etc/ssh/keys/%u",
    "/etc/ssh/keys/%u*",
    "/srv/%q",
  ]),
  choice("TrustedUserCAKeys", ["/etc/ssh/ca", "/etc/ssh/ca", "/etc/ssh/none", "none"]),
  choice("AuthorizedPrincipalsFile", [
    "/etc/ssh/principals/%u",
    ".ssh/principals",
    "none",
    "None",
    "/etc/ssh/none",
  ]),
  choice("RevokedKeys", ["/etc/ssh/revoked", "/etc/ssh/none", "none", "NONE"]),
  choice("AuthorizedKeysCommand", ["none", "None"]),
  choice("AuthorizedPrincipalsCommand", ["none", "None"]),
  choice("PubkeyAcceptedAlgorithms", [
    "ssh-ed25519",
    "-ssh-ed25519",
    "+ssh-rsa",
    "*cert*",
    "sk-*,rsa-sha2-512",
    "^ecdsa-sha2-nistp256",
    "-sk-*",
  ]),
  choice("PubkeyAuthOptions", [
    "none",
    "touch-required",
    "verify-required",
    "touch-required,verify-required",
  ]),
  choice("CASignatureAlgorithms", ["ssh-ed25519", "-ssh-ed25519", "rsa-sha2-512"]),
  choice("RequiredRSASize", ["1024", "3072"]),
  choice("MaxAuthTries", ["0", "1", "2", "3", "6"]),
  choice("ChrootDirectory", ["none", "/srv/jail", "/srv/open", "/home/%u", "/srv/gone", "%h", "relative"]),
  choice("ForceCommand", ["/bin/true", "none"]),
  choice("PermitTTY", yesNo),
  choice("HostbasedAuthentication", yesNo),
  choice("IgnoreRhosts", ["yes", "no", "shosts-only"]),
  choice("HostbasedUsesNameFromPacketOnly", yesNo),
  choice("DisableForwarding", yesNo),
  choice("RefuseConnection", yesNo),
  choice("X11Forwarding", yesNo),
];

/** What may stand in front of every Match block only. */
const first: readonly Line[] = [
  choice("UsePAM", yesNo),
  choice("UsePAM", yesNo),
  choice("StrictModes", yesNo),
  choice("UseDNS", yesNo),
  choice("MaxStartups", ["10"]),
  choice("LoginGraceTime", ["60"]),
  choice("IgnoreUserKnownHosts", yesNo),
];

const criteria: Line = (r) =>
  r.pick<() => string>([
    () => `User ${r.pick(["alice", "root,bob", "!bob,*", "b*", "zed"])}`,
    () => `User ${r.pick(["alice", "root", "bob"])}`,
    () => `Group ${r.pick(["admins", "!ops,*", "ops", "nothing", "*"])}`,
    () => `Address ${r.pick(networks.filter((network) => network !== "127.*"))}`,
    () => `Address ${r.pick(["10.1.0.0/16,192.0.2.0/24", "2001:db8::5", "*"])}`,
    () => `Host ${r.pick(["10.*", "*.example.org", "192.0.2.7"])}`,
    () => `LocalPort ${r.pick(["22", "2222"])}`,
    () => `LocalAddress ${r.pick(["10.9.9.9", "::1", "10.0.0.0/8"])}`,
    () => r.pick(["all", "Invalid-User"]),
  ])();

/** The lines of an sshd_config, more plain than odd. */
export function someConfig(r: Random): string[] {
  const lines = [`UsePAM ${r.pick(["yes", "yes", "no"])}`];
  const more = (most: number) => Array.from({ length: r.between(0, most) }, () => r.pick(anywhere)(r));
  lines.push(...Array.from({ length: r.between(0, 2) }, () => r.pick(first)(r)), ...more(6));
  for (let block = r.between(0, 3); block > 0; block--) {
    const two = r.chance(0.3) ? ` ${criteria(r)}` : "";
    lines.push(
      `Match ${criteria(r)}${/all|Invalid/.test(two) ? "" : two}`,
      ...more(3).map((line) => `\t${line}`),
    );
  }
  return lines;
}
