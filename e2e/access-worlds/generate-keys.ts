import type { CertificateTerms } from "@/e2e/access-worlds/keyring";
import type { WorldAccount, WorldFile } from "@/e2e/access-worlds/world";
import type { Random } from "@/lib/sshd-config/testing/random";

/** Keys of clients, some more often than others. */
export const clientKeys = ["k1", "k1", "k2", "k3", "k4", "e1", "r1", "r2", "sk1", "sk2"];
const authorities = ["ca1", "ca1", "ca2"];

/** Lists of addresses for from=. */
const sources = [
  "10.0.0.0/8",
  "10.1.0.0/16,192.0.2.7",
  "*,!10.1.2.3",
  "!10.1.0.0/16,10.0.0.0/8",
  "192.0.2.?",
  "10.1.*",
  "2001:db8::/32",
  "2001:db8::5,10.200.0.1",
  "*.example.org",
  "10.1.2.3/8",
  "",
];

const moments = ["20200101", "20991231", "202001011200Z", "20991231235959", "209912312359Z", "20991332"];

const options = (r: Random): string =>
  r.pick<() => string>([
    () => `from="${r.pick(sources)}"`,
    () => `from="${r.pick(sources)}"`,
    () => 'command="/bin/true"',
    () => `command="${r.pick(["/bin/true", 'echo \\"x\\"', ""])}"`,
    () => `expiry-time="${r.pick(moments)}"`,
    () => "restrict",
    () => "restrict,pty",
    () => "no-touch-required",
    () => "verify-required",
    () => 'environment="A=b"',
    () => 'permitopen="localhost:80"',
    () => 'permitlisten="x:80"',
    () => "no-pty,no-agent-forwarding",
    () => 'principals="web,alice"',
    () => 'tunnel="1"',
    () => "bogus",
    () => "RESTRICT,No-PTY",
  ])();

/** One line of an authorized_keys file. */
function keyLine(r: Random): string {
  if (r.chance(0.08))
    return r.pick(["", "# a comment", "nonsense", "ssh-ed25519", "ssh-rsa AAAA", " \t", "@@k1"]);
  const isAuthority = r.chance(0.18);
  const words = [
    ...(isAuthority ? ["cert-authority"] : []),
    ...(isAuthority && r.chance(0.4)
      ? [`principals="${r.pick(["web,alice", "web", "", "bob,", "*"])}"`]
      : []),
    ...(r.chance(0.35) ? [options(r)] : []),
    ...(r.chance(0.08) ? [options(r)] : []),
  ];
  const front = words.length === 0 ? "" : `${words.join(",")}${r.pick([" ", " ", "  ", "\t"])}`;
  return `${front}@@${isAuthority ? r.pick(authorities) : r.pick(clientKeys)}@@${r.chance(0.03) ? "\r" : ""}`;
}

/** The text of an authorized_keys file. */
export function keyFile(r: Random): string {
  const lines = Array.from({ length: r.between(0, 4) }, () => keyLine(r));
  return lines.join("\n") + (r.chance(0.9) ? "\n" : "");
}

/** The text of a file of principals. */
export function principalsFile(r: Random): string {
  const line = () =>
    `${r.chance(0.3) ? `${options(r)} ` : ""}${r.pick(["web", "alice", "bob", "root", "# web", ""])}`;
  return Array.from({ length: r.between(0, 3) }, line)
    .map((text) => `${text}\n`)
    .join("");
}

/** The home of an account: its keys, with the faults in owners and modes that StrictModes is about. */
export function someHome(r: Random, { uid, gid, home }: WorldAccount): Record<string, WorldFile> {
  if (r.chance(0.08)) return {};
  const isOdd = r.chance(0.25);
  const own = { uid, gid };
  const fault = isOdd ? r.between(0, 9) : -1;
  const files: Record<string, WorldFile> = {};
  if (fault === 0) files[home] = { isDirectory: true, ...own, mode: r.pick([0o777, 0o775, 0o770]) };
  if (fault === 1) files[home] = { isDirectory: true, uid: 0, gid: 0, mode: r.pick([0o755, 0o700]) };
  if (fault === 2) files[home] = { isDirectory: true, uid: 1004, gid, mode: 0o755 };
  files[`${home}/.ssh`] = {
    isDirectory: true,
    ...(fault === 3 ? { uid: r.pick([0, 1004]), gid: 0 } : own),
    mode: fault === 4 ? r.pick([0o777, 0o770, 0o775, 0o000]) : 0o700,
  };
  const keys = `${home}/.ssh/authorized_keys`;
  if (fault === 5) {
    files[`${home}/elsewhere`] = { text: keyFile(r), ...own, mode: 0o600 };
    files[keys] = { link: r.pick(["../elsewhere", `${home}/elsewhere`, "/srv/shared", "nowhere"]), ...own };
  } else if (fault === 6) files[keys] = { isDirectory: true, ...own, mode: 0o700 };
  else
    files[keys] = {
      text: keyFile(r),
      ...(fault === 7 ? { uid: r.pick([0, 1004]), gid: r.pick([0, gid]) } : own),
      mode: fault === 8 ? r.pick([0o666, 0o660, 0o664, 0o000, 0o200, 0o060, 0o444]) : 0o600,
    };
  if (r.chance(0.2)) files[`${home}/.ssh/authorized_keys2`] = { text: keyFile(r), ...own, mode: 0o600 };
  return files;
}

/** What a certificate of a world says; mostly one that is good for somebody. */
export function someTerms(r: Random): CertificateTerms {
  const now = Math.floor(Date.now() / 1000);
  const principals = r.pick([
    ["alice"],
    ["web"],
    ["bob", "web"],
    ["root"],
    [],
    ["alice", "root", "bob"],
    ["*"],
  ]);
  const isOdd = r.chance(0.15);
  const critical = r.pick<CertificateTerms["critical"]>([
    [],
    [],
    [],
    [["force-command", r.pick(["/bin/true", "other"])]],
    [["source-address", r.pick(["10.0.0.0/8", "192.0.2.7/32,2001:db8::/32", "127.0.0.1"])]],
    [["verify-required", undefined]],
    [["unknown", "x"]],
  ]);
  return {
    key: r.pick(["k1", "k2", "k3", "k4", "e1", "r1", "sk1", "sk2"]),
    authority: r.pick(authorities),
    kind: isOdd && r.chance(0.4) ? "host" : "user",
    principals,
    validAfter: isOdd && r.chance(0.4) ? now + 86_400 : now - 86_400,
    validBefore: isOdd && r.chance(0.4) ? now - 3600 : now + 86_400,
    critical,
    extensions: r.pick([["permit-pty"], [], ["no-touch-required", "permit-pty"], ["unknown-extension"]]),
  };
}
