import { isNone } from "@/lib/access/account";
import type { Situation } from "@/lib/access/connection";
import type { AccountFacts } from "@/lib/access/facts";
import { entriesOf, findAuthorities, type KeyEntry, readPrincipalLines } from "@/lib/access/key-entries";
import { expandPath, keyFilesOf, refuseKeyFile } from "@/lib/access/key-files";
import { type KeyGrant, refuseOptions } from "@/lib/access/key-grant";
import { printOf } from "@/lib/access/key-print";
import { algorithmsOf, isTypeKnown, requiredRsaBits } from "@/lib/access/offered-key";
import { refuseByRevocation } from "@/lib/access/revocation";
import type { Effective, Server } from "@/lib/access/server";
import { earliestExpirySecond } from "@/lib/authorized-keys/expiry-time";
import { noOptions } from "@/lib/authorized-keys/options";
import { keyTypes } from "@/lib/openssh-keys/key-types";
import type { DecodedKey } from "@/lib/openssh-keys/public-key";
import { knownAlgorithms } from "@/lib/sshd-config/algorithms";
import { matchPatternList } from "@/lib/sshd-config/pattern";

/** A key, or an authority whose certificates do. */
export interface KeyAlternative {
  readonly kind: "key" | "authority" | "command";
  /** "SHA256:…"; of an authority that of its own key. */
  readonly fingerprint?: string;
  readonly type?: string;
  readonly bits?: number;
  readonly comment?: string;
  /** Of an authority: one of these has to be in the certificate. */
  readonly principals?: readonly string[];
  readonly grant?: KeyGrant;
  /** The last second of the key, in seconds since 1970. */
  readonly expiresAt?: number;
  readonly dependsOn?: string;
}

const found = new WeakMap<Server, Map<string, readonly KeyAlternative[]>>();

/**
 * Every key and authority that opens the account from here, in the order in which sshd finds them.
 *
 * Found once for all connections that differ in nothing which keys are about.
 */
export function findKeyAlternatives(situation: Situation, account: AccountFacts): readonly KeyAlternative[] {
  const { server, connection, clientName } = situation;
  const known = found.get(server) ?? new Map<string, readonly KeyAlternative[]>();
  found.set(server, known);
  const id = `${account.name}\0${connection.now}\0${keySettings(situation)}`;
  const everywhere = known.get(id);
  if (everywhere) return everywhere;
  const here = `${id}\0${connection.address} ${clientName}`;
  const there = known.get(here);
  if (there) return there;
  const alternatives = listAlternatives(situation, account);
  const isAnywhere = !looksAtSource(situation, account);
  known.set(isAnywhere ? id : here, alternatives);
  return alternatives;
}

interface SettingsOfKeys {
  readonly byEffective: WeakMap<Effective, number>;
  readonly byText: Map<string, number>;
}

const settings = new WeakMap<Server, SettingsOfKeys>();

/** Settings of one server with the same number let in the same keys. */
export function keySettings({ server, effective }: Situation): number {
  const there = settings.get(server) ?? {
    byEffective: new WeakMap<Effective, number>(),
    byText: new Map<string, number>(),
  };
  settings.set(server, there);
  const { byEffective, byText } = there;
  const known = byEffective.get(effective);
  if (known !== undefined) return known;
  const text = aboutKeys
    .map((keyword) => `${effective.isNone(keyword)} ${effective.values(keyword).join("\0")}`)
    .join("\n");
  const number = byText.get(text) ?? byText.size;
  byText.set(text, number);
  byEffective.set(effective, number);
  return number;
}

const aboutKeys = [
  "authorizedkeysfile",
  "strictmodes",
  "revokedkeys",
  "trustedusercakeys",
  "authorizedprincipalsfile",
  "authorizedprincipalscommand",
  "authorizedkeyscommand",
  "pubkeyacceptedalgorithms",
  "requiredrsasize",
  "casignaturealgorithms",
] as const;

/** May it matter where the client is? */
function looksAtSource(situation: Situation, account: AccountFacts): boolean {
  if (!situation.effective.isNone("authorizedprincipalsfile")) return true;
  for (const path of keyFilesOf(situation, account)) {
    if (path === undefined) break;
    if (entriesOf(situation.server, path).some(({ options }) => options.from !== undefined)) return true;
  }
  return false;
}

function listAlternatives(situation: Situation, account: AccountFacts): KeyAlternative[] {
  const alternatives = new Map<string, KeyAlternative>();
  const add = (alternative: KeyAlternative | undefined) => {
    if (!alternative) return;
    const id = `${alternative.kind} ${alternative.fingerprint ?? ""} ${alternative.principals?.join() ?? ""}`;
    if (!alternatives.has(id)) alternatives.set(id, alternative);
  };
  for (const path of keyFilesOf(situation, account)) {
    // sshd dies here: what stands in later files is never reached.
    if (path === undefined) return [...alternatives.values()];
    if (refuseKeyFile(situation, account, path) !== undefined) continue;
    for (const entry of entriesOf(situation.server, path)) {
      const { isCertAuthority } = entry.options;
      add(
        isCertAuthority ? authorityOfLine(situation, account, entry, path) : plainKey(situation, entry, path),
      );
    }
  }
  for (const authority of trustedAuthorities(situation, account)) add(authority);
  const command = situation.effective.value("authorizedkeyscommand");
  if (!situation.effective.isNone("authorizedkeyscommand"))
    add({ kind: "command", dependsOn: `AuthorizedKeysCommand ${command}` });
  return [...alternatives.values()];
}

const accepted = new WeakMap<Effective, Map<string, boolean>>();

/** Is there an algorithm that the key can sign with and sshd accepts? */
function isAccepted(effective: Effective, type: string): boolean {
  const types = accepted.get(effective) ?? new Map<string, boolean>();
  accepted.set(effective, types);
  const known = types.get(type);
  if (known !== undefined) return known;
  const all = knownAlgorithms("key", effective.build);
  const list = effective.value("pubkeyacceptedalgorithms");
  const is = algorithmsOf(type).some((a) => all.includes(a) && matchPatternList(a, list) === 1);
  types.set(type, is);
  return is;
}

function isUsable({ effective }: Situation, key: DecodedKey): boolean {
  if (!isTypeKnown(key, effective.build)) return false;
  return key.keyType.family !== "rsa" || key.bits >= requiredRsaBits(effective);
}

/** The first line that names a key and lets it in counts; one that does not is passed over. */
function plainKey(situation: Situation, entry: KeyEntry, path: string): KeyAlternative | undefined {
  const { key, options, line } = entry;
  if (key.certificate || !isUsable(situation, key) || !isAccepted(situation.effective, key.type))
    return undefined;
  if (refuseOptions(situation, options, true) || refuseByRevocation(situation, key) !== undefined)
    return undefined;
  const end = earliestExpirySecond(options.expiries, situation.server.facts.sshd.zoneMinutes);
  return {
    kind: "key",
    fingerprint: printOf(key.blob),
    type: key.type,
    bits: key.bits,
    comment: entry.comment,
    grant: { ...grantOf(options), source: `${path}:${line}` },
    ...(end !== undefined && { expiresAt: end }),
  };
}

/** May an authority's signature, and a certificate of any type, be accepted at all? */
function isAuthorityUsable(situation: Situation, key: DecodedKey): boolean {
  const { effective } = situation;
  if (!isTypeKnown(key, effective.build) || refuseByRevocation(situation, key) !== undefined) return false;
  const signatures = effective.value("casignaturealgorithms");
  const canSign = algorithmsOf(key.type).some((a) => matchPatternList(a, signatures) === 1);
  return canSign && keyTypes.some((type) => isAccepted(effective, type.certificateName));
}

function authorityOfLine(
  situation: Situation,
  account: AccountFacts,
  entry: KeyEntry,
  path: string,
): KeyAlternative | undefined {
  const { options, key, line } = entry;
  if (!isAuthorityUsable(situation, key) || refuseOptions(situation, options, true)) return undefined;
  const names = options.principals?.split(",");
  const end = names?.indexOf("") ?? -1;
  const principals = names?.slice(0, end < 0 ? names.length : end) ?? [account.name];
  if (principals.length === 0) return undefined;
  return authority(situation, key, principals, { ...grantOf(options), source: `${path}:${line}` });
}

function grantOf(options: KeyGrant["options"]): Omit<KeyGrant, "source"> {
  const { command: forcedCommand, requiresTouch, requiresVerification } = options;
  return { options, forcedCommand, requiresTouch, requiresVerification };
}

function authority(
  { server }: Situation,
  key: DecodedKey,
  principals: readonly string[],
  grant: KeyGrant,
): KeyAlternative {
  const end = earliestExpirySecond(grant.options.expiries, server.facts.sshd.zoneMinutes);
  return {
    kind: "authority",
    fingerprint: printOf(key.blob),
    type: key.type,
    bits: key.bits,
    principals,
    grant,
    ...(end !== undefined && { expiresAt: end }),
  };
}

/** What TrustedUserCAKeys opens: by the account's own name, or by the names that it accepts. */
function trustedAuthorities(situation: Situation, account: AccountFacts): KeyAlternative[] {
  const { effective, server } = situation;
  const path = effective.value("trustedusercakeys");
  if (effective.isNone("trustedusercakeys")) return [];
  const pattern = effective.value("authorizedprincipalsfile");
  const command = effective.value("authorizedprincipalscommand");
  const hasFile = !effective.isNone("authorizedprincipalsfile");
  const hasCommand = !effective.isNone("authorizedprincipalscommand");
  const authorities = findAuthorities(server.files.text(path) ?? "", effective.build);
  return authorities.flatMap(({ key, line }): KeyAlternative[] => {
    if (!isAuthorityUsable(situation, key)) return [];
    const trusted = `${path}:${line}`;
    if (!hasFile && !hasCommand) {
      return [authority(situation, key, [account.name], { ...grantOf(noOptions), source: trusted })];
    }
    const named = hasFile ? principalsOf(situation, account, pattern) : [];
    const alternatives = named.map(({ principal, grant }) => authority(situation, key, [principal], grant));
    if (!hasCommand || isNone(command)) return alternatives;
    const dependsOn = `AuthorizedPrincipalsCommand ${command}`;
    return [...alternatives, { kind: "command", fingerprint: printOf(key.blob), dependsOn }];
  });
}

/** The first line that names a principal counts, whether or not it lets the client in. */
function principalsOf(
  situation: Situation,
  account: AccountFacts,
  pattern: string,
): { principal: string; grant: KeyGrant }[] {
  const { effective, server } = situation;
  const expanded = expandPath(pattern, account);
  if (expanded === undefined) return [];
  const paths = effective.build.release >= 1000 ? server.files.glob(expanded) : [expanded];
  const first = new Map<string, KeyGrant>();
  for (const path of paths) {
    if (refuseKeyFile(situation, account, path) !== undefined) continue;
    for (const { principal, options, line } of readPrincipalLines(
      server.files.text(path) ?? "",
      effective.build,
    ))
      if (!first.has(principal)) first.set(principal, { ...grantOf(options), source: `${path}:${line}` });
  }
  return [...first]
    .filter(([, grant]) => refuseOptions(situation, grant.options, false) === undefined)
    .map(([principal, grant]) => ({ principal, grant }));
}
