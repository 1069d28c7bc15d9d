import { isNone } from "@/lib/access/account";
import type { Situation } from "@/lib/access/connection";
import type { AccountFacts } from "@/lib/access/facts";
import { identityOf, isSecure } from "@/lib/access/host-files";
import { isSameBlob } from "@/lib/access/offered-key";
import { readKeyText } from "@/lib/openssh-keys/key-text";
import { lowerAscii, matchPatternList } from "@/lib/sshd-config/pattern";

/** What a client machine says of itself and of the person on it. */
export interface HostClaim {
  /** The name that the client gives itself. */
  readonly clientHost: string;
  readonly clientUser: string;
  /** The host key it proves to have. */
  readonly blob: Uint8Array;
}

/** Where `lib/access` looked and what let the client in: "/etc/ssh/shosts.equiv". */
export interface HostTrust {
  readonly by: string;
}

/**
 * Does the host believe the client machine?
 *
 * @returns undefined when it does not
 * @see OpenSSH auth2-hostbased.c:hostbased_key_allowed
 */
export function trustHost(
  situation: Situation,
  account: AccountFacts,
  claim: HostClaim,
): HostTrust | undefined {
  const { effective, clientName, connection } = situation;
  const clientHost = claim.clientHost.replace(/\.$/, "");
  const fromPacket = effective.isYes("hostbasedusesnamefrompacketonly");
  const name = fromPacket ? clientHost : clientName;
  const address = fromPacket ? clientHost : connection.address;
  const by = allowByRhosts(situation, account, claim.clientUser, name, address);
  return by !== undefined && isKnownHost(situation, account, name, claim.blob) ? { by } : undefined;
}

/** @see OpenSSH auth-rhosts.c:auth_rhosts2 */
function allowByRhosts(
  { effective, server }: Situation,
  account: AccountFacts,
  clientUser: string,
  name: string,
  address: string,
): string | undefined {
  const { files, facts } = server;
  const asked = { clientUser, account: account.name, name, address };
  const own = [".shosts", ".rhosts"].map((file) => `${account.home}/${file}`);
  const system = ["/etc/hosts.equiv", "/etc/ssh/shosts.equiv"];
  if (![...own, ...system].some((path) => files.stat(path))) return undefined;
  if (account.uid !== 0) {
    const found = system.find((path) => judgeRhosts(files.text(path), asked));
    if (found) return found;
  }
  const home = files.stat(account.home);
  const isStrict = effective.isYes("strictmodes");
  if (!home || (isStrict && !isSecure(facts, home, account.uid))) return undefined;
  const identity = identityOf(facts, account);
  return own.find((path) => {
    const file = files.stat(path);
    if (file?.kind !== "file" || (isStrict && !isSecure(facts, file, account.uid))) return false;
    const ignore = effective.value("ignorerhosts");
    if (ignore === "yes" || (ignore === "shosts-only" && !path.endsWith("/.shosts"))) return false;
    return files.canRead(path, identity) && judgeRhosts(files.text(path), asked);
  });
}

/**
 * One file of `HOST [USER]` lines: the first that fits decides, `-` refuses. Netgroups (`@`) are none we know.
 *
 * @see OpenSSH auth-rhosts.c:check_rhosts_file
 */
function judgeRhosts(
  text: string | undefined,
  asked: { clientUser: string; account: string; name: string; address: string },
): boolean {
  for (const raw of (text ?? "").split("\n")) {
    const line = raw.replace(/^[ \t]+/, "");
    if (line === "" || line.startsWith("#") || line.startsWith("NO_PLUS")) continue;
    const words = line.split(/[ \t\r\v\f]+/).filter((w) => w !== "");
    if (words.length === 0 || words.length > 2) continue;
    const [host = "", user = asked.account] = words;
    const bareHost = host.replace(/^[-+]/, "");
    const bareUser = user.replace(/^[-+]/, "");
    if (bareHost === "" || bareUser === "" || bareHost.startsWith("@") || bareUser.startsWith("@")) continue;
    if (lowerAscii(bareHost) !== lowerAscii(asked.name) && bareHost !== asked.address) continue;
    if (bareUser !== asked.clientUser) continue;
    return !host.startsWith("-") && !user.startsWith("-");
  }
  return false;
}

/** @see OpenSSH auth.c:check_key_in_hostfiles, hostfile.c:check_key_in_hostkeys */
function isKnownHost(
  { effective, server }: Situation,
  account: AccountFacts,
  name: string,
  blob: Uint8Array,
): boolean {
  const { files, facts } = server;
  for (const suffix of ["", "2"]) {
    const lines = readKnownHosts(files.text(`/etc/ssh/ssh_known_hosts${suffix}`), name);
    const own = `${account.home}/.ssh/known_hosts${suffix}`;
    const file = files.stat(own);
    const isTrusted =
      file !== undefined && (!effective.isYes("strictmodes") || isSecure(facts, file, account.uid));
    if (!effective.isYes("ignoreuserknownhosts") && isTrusted)
      lines.push(...readKnownHosts(files.text(own), name));
    if (lines.some((l) => l.isRevoked && isSameBlob(l.blob, blob))) return false;
    if (lines.some((l) => !l.isRevoked && isSameBlob(l.blob, blob))) return true;
    if (lines.length > 0) return false;
  }
  return false;
}

interface KnownHost {
  isRevoked: boolean;
  blob: Uint8Array;
}

/** The keys that a known_hosts file gives for a name. Hashed names are not opened: they are none we can compare. */
function readKnownHosts(text: string | undefined, name: string): KnownHost[] {
  return (text ?? "").split("\n").flatMap((raw): KnownHost[] => {
    const words = raw.trim().split(/[ \t]+/);
    const marker = words[0]?.startsWith("@") ? words.shift() : undefined;
    const [hosts = "", ...rest] = words;
    if (hosts === "" || hosts.startsWith("#") || marker === "@cert-authority") return [];
    if (matchPatternList(lowerAscii(name), lowerAscii(hosts)) !== 1) return [];
    const { key } = readKeyText(rest.join(" "), 0);
    return key ? [{ isRevoked: marker === "@revoked", blob: key.blob }] : [];
  });
}

/** Is anything set up that hostbased login could go by? */
export function mayTrustHosts({ effective, server }: Situation, account: AccountFacts): boolean {
  if (isNone(effective.value("hostbasedacceptedalgorithms"))) return false;
  const own = effective.value("ignorerhosts") === "yes" ? [] : [".shosts", ".rhosts"];
  const system = account.uid === 0 ? [] : ["/etc/hosts.equiv", "/etc/ssh/shosts.equiv"];
  return [...own.map((file) => `${account.home}/${file}`), ...system].some((path) => {
    const text = server.files.text(path);
    return text !== undefined && /^[ \t]*[^#\s]/m.test(text);
  });
}
