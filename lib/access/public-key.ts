import { isNone } from "@/lib/access/account";
import { matchNetworks, readTerms, refuseCertificate } from "@/lib/access/certificate";
import { type CommandOutcome, type RunCommand, runCommand } from "@/lib/access/command";
import { matchHostList, type Situation } from "@/lib/access/connection";
import type { AccountFacts } from "@/lib/access/facts";
import { type HostFiles, identityOf } from "@/lib/access/host-files";
import {
  entriesOf,
  findAuthority,
  type KeyEntry,
  readEntries,
  readPrincipalLines,
} from "@/lib/access/key-entries";
import { isSameBlob, type OfferedKey } from "@/lib/access/offered-key";
import { refuseByRevocation } from "@/lib/access/revocation";
import type { Effective, Server } from "@/lib/access/server";
import { expandTokens } from "@/lib/access/tokens";
import { earliestExpirySecond } from "@/lib/authorized-keys/expiry-time";
import { type KeyOptions, noOptions } from "@/lib/authorized-keys/options";
import { printBase64 } from "@/lib/openssh-keys/base64";
import type { Certificate } from "@/lib/openssh-keys/certificate";
import { fingerprint, parsePublicKey } from "@/lib/openssh-keys/public-key";

/** A signature over the login, as far as it matters who may make it. */
export interface Signature {
  /** As the signature names it: for a security key in a browser "webauthn-sk-ecdsa-sha2-nistp256@openssh.com". */
  readonly algorithm: string;
  /** It is the key's own, over this login. */
  readonly isValid: boolean;
  /** What a security key says it has checked: 1 touch, 4 PIN or finger. */
  readonly flags?: number;
}

/** What a key that is authorised may do, and where that stands. */
export interface KeyGrant {
  /** "/home/alice/.ssh/authorized_keys:3". */
  readonly source: string;
  readonly forcedCommand: string | undefined;
  readonly requiresTouch: boolean;
  readonly requiresVerification: boolean;
  /** Of the line; those of a certificate only narrow them. */
  readonly options: KeyOptions;
}

export type KeyVerdict =
  | { readonly kind: "granted"; readonly grant: KeyGrant }
  /** `unknown`: a command of the host decides. */
  | { readonly kind: "refused" | "unknown"; readonly text: string }
  /** sshd dies over it; the connection is closed. */
  | { readonly kind: "fatal" };

const refusedBy = (text: string): KeyVerdict => ({ kind: "refused", text });

/**
 * Is the key, or the certificate, authorised for the account?
 *
 * @see OpenSSH auth2-pubkey.c:user_key_allowed
 */
export function authorizeKey(
  situation: Situation,
  account: AccountFacts,
  key: OfferedKey,
  run: RunCommand | undefined,
): KeyVerdict {
  const revoked = refuseByRevocation(situation, key);
  if (revoked !== undefined) return refusedBy(revoked);
  let reason = "No file of the account names the key.";
  for (const path of keyFilesOf(situation, account)) {
    if (path === undefined) return { kind: "fatal" };
    if (refuseKeyFile(situation, account, path) !== undefined) continue;
    const found = findEntry(situation, account, key, entriesOf(situation.server, path), path);
    if (found?.kind === "granted") return found;
    if (found?.kind === "refused") reason = found.text;
  }
  const byAuthority = key.certificate && trustAuthority(situation, account, key, key.certificate, run);
  if (byAuthority?.kind === "granted" || byAuthority?.kind === "fatal") return byAuthority;
  const output = runCommand(situation, account, "keys", () => keyTokens(situation, account, key), run);
  if (output.kind === "fatal") return { kind: "fatal" };
  if (output.kind === "output") {
    const entries = readEntries(output.text, situation.effective.build);
    const found = findEntry(situation, account, key, entries, "AuthorizedKeysCommand");
    if (found) return found;
  }
  if (byAuthority?.kind === "unknown") return byAuthority;
  return output.kind === "unknown"
    ? { kind: "unknown", text: output.text }
    : (byAuthority ?? refusedBy(reason));
}

/**
 * The files that AuthorizedKeysFile comes to for an account, in order.
 *
 * Undefined stands where sshd dies over a token that it does not know: it gets there only when no file before it
 * lets the key in.
 */
export function* keyFilesOf(
  { effective, server }: Situation,
  account: AccountFacts,
): Generator<string | undefined> {
  for (const pattern of effective.values("authorizedkeysfile")) {
    if (isNone(pattern)) continue;
    const path = expandPath(pattern, account);
    // Patterns of glob(3) since 10.0.
    if (path !== undefined && effective.build.release >= 1000) yield* server.files.glob(path);
    else yield path;
  }
}

/** A file of the account: tokens filled in, relative to its home directory. */
export function expandPath(pattern: string, account: AccountFacts): string | undefined {
  const expanded = expandTokens(pattern, { h: account.home, u: account.name, U: String(account.uid) });
  return expanded === undefined || expanded.startsWith("/") ? expanded : `${account.home}/${expanded}`;
}

const judged = new WeakMap<HostFiles, Map<string, string | undefined>>();

/** Why sshd does not open a file of keys; undefined when it does. */
export function refuseKeyFile(
  { effective, server }: Situation,
  account: AccountFacts,
  path: string,
): string | undefined {
  const known = judged.get(server.files) ?? new Map<string, string | undefined>();
  judged.set(server.files, known);
  const isStrict = effective.isYes("strictmodes");
  const id = `${account.name} ${isStrict} ${path}`;
  if (!known.has(id)) known.set(id, judgeFile(server, account, path, isStrict));
  return known.get(id);
}

function judgeFile(
  { files, facts }: Server,
  account: AccountFacts,
  path: string,
  isStrict: boolean,
): string | undefined {
  const file = files.stat(path);
  if (!file || file.kind === "missing") return `${path} does not exist`;
  if (!files.canRead(path, identityOf(facts, account))) return `${account.name} cannot read ${path}`;
  if (file.kind !== "file") return `${path} is not a regular file`;
  return isStrict ? files.unsafeReason(path, account.uid, account.home) : undefined;
}

/** The first line that fits and lets the key in. */
function findEntry(
  situation: Situation,
  account: AccountFacts,
  key: OfferedKey,
  entries: readonly KeyEntry[],
  path: string,
): KeyVerdict | undefined {
  let refused: KeyVerdict | undefined;
  const { certificate } = key;
  const wanted = certificate ? certificate.signatureKey : key.blob;
  for (const entry of entries) {
    if (entry.options.isCertAuthority !== (certificate !== undefined)) continue;
    if (!isSameBlob(entry.blob, wanted)) continue;
    const source = `${path}:${entry.line}`;
    const text = refuseOptions(situation, entry.options, true);
    const verdict = text
      ? refusedBy(`${source}: ${text}`)
      : certificate
        ? judgeCertificate(situation, account, certificate, entry.options, source)
        : grantBy(source, entry.options);
    if (verdict.kind === "granted") return verdict;
    refused = verdict;
  }
  return refused;
}

const grantBy = (source: string, options: KeyOptions): KeyVerdict => ({
  kind: "granted",
  grant: {
    source,
    options,
    forcedCommand: options.command,
    requiresTouch: options.requiresTouch,
    requiresVerification: options.requiresVerification,
  },
});

/**
 * Why the options of a line refuse this connection; undefined when they do not.
 *
 * @see OpenSSH auth2-pubkeyfile.c:auth_authorise_keyopts
 */
export function refuseOptions(
  { connection, clientName, effective, server }: Situation,
  options: KeyOptions,
  mayBeAuthority: boolean,
): string | undefined {
  const end = earliestExpirySecond(options.expiries, server.facts.sshd.zoneMinutes);
  if (end !== undefined && end < Math.floor(connection.now)) return "the key has expired";
  if (options.principals !== undefined && !options.isCertAuthority)
    return "principals= without cert-authority";
  if (options.isCertAuthority && !mayBeAuthority) return "cert-authority has no place here";
  if (options.from === undefined) return undefined;
  const match = matchHostList(clientName, connection.address, options.from, effective.build.release);
  return match === "yes" ? undefined : `from="${options.from}" does not name ${connection.address}`;
}

/** A certificate whose authority a line of the account names. */
function judgeCertificate(
  situation: Situation,
  account: AccountFacts,
  certificate: Certificate,
  options: KeyOptions,
  source: string,
): KeyVerdict {
  const { principals } = options;
  if (principals !== undefined && !namesPrincipal(principals, certificate))
    return refusedBy(`${source}: principals="${principals}" names none of the certificate's`);
  const name = principals === undefined ? account.name : undefined;
  // A certificate without principals was good for everybody up to 10.2.
  const requires = situation.effective.build.release >= 1003;
  return joinTerms(situation, certificate, options, source, name, requires);
}

/** @see OpenSSH auth2-pubkeyfile.c:match_principals_option: an empty name ends the list. */
function namesPrincipal(list: string, certificate: Certificate): boolean {
  const names = list.split(",");
  const end = names.indexOf("");
  return names.slice(0, end < 0 ? names.length : end).some((name) => certificate.principals.includes(name));
}

/** What the line and the certificate say, taken together. */
function joinTerms(
  { connection, effective }: Situation,
  certificate: Certificate,
  options: KeyOptions,
  source: string,
  name: string | undefined,
  requiresPrincipals: boolean,
): KeyVerdict {
  const refused = refuseCertificate(certificate, connection.now, name, requiresPrincipals);
  if (refused) return refusedBy(refused.text);
  const terms = readTerms(certificate, effective.build);
  if (!terms) return refusedBy(`The certificate ${certificate.keyId} has options that sshd refuses.`);
  const { sourceAddress, forcedCommand } = terms;
  if (sourceAddress !== undefined && matchNetworks(connection.address, sourceAddress) !== "yes")
    return refusedBy(`The certificate ${certificate.keyId} is not for the address ${connection.address}.`);
  if (forcedCommand !== undefined && options.command !== undefined && forcedCommand !== options.command)
    return refusedBy(`${source}: the certificate forces another command.`);
  return {
    kind: "granted",
    grant: {
      source,
      options,
      forcedCommand: options.command ?? forcedCommand,
      requiresTouch: options.requiresTouch || !terms.allowsNoTouch,
      requiresVerification: options.requiresVerification || terms.requiresVerification,
    },
  };
}

/** A certificate whose authority TrustedUserCAKeys names. */
function trustAuthority(
  situation: Situation,
  account: AccountFacts,
  key: OfferedKey,
  certificate: Certificate,
  run: RunCommand | undefined,
): KeyVerdict {
  const { effective, server } = situation;
  const { build } = effective;
  const path = effective.value("trustedusercakeys");
  if (isNone(path)) return refusedBy("No authority is trusted.");
  const line = findAuthority(server.files.text(path) ?? "", certificate.signatureKey, build);
  if (line === undefined) return refusedBy(`${path} does not name the authority.`);
  const source = `${path}:${line}`;
  const pattern = effective.value("authorizedprincipalsfile");
  const hasFile = !isNone(pattern);
  const hasCommand = !isNone(effective.value("authorizedprincipalscommand"));
  let found: PrincipalHit | undefined;
  if (hasFile) {
    const expanded = expandPath(pattern, account);
    if (expanded === undefined) return { kind: "fatal" };
    const paths = build.release >= 1000 ? server.files.glob(expanded) : [expanded];
    for (const file of paths) {
      if (found || refuseKeyFile(situation, account, file) !== undefined) continue;
      found = findPrincipal(server.files.text(file) ?? "", certificate, file, situation);
    }
  }
  let output: CommandOutcome = { kind: "none" };
  if (!found && hasCommand) {
    output = runCommand(
      situation,
      account,
      "principals",
      () => principalTokens(situation, account, key, certificate),
      run,
    );
    if (output.kind === "fatal") return { kind: "fatal" };
    if (output.kind === "output")
      found = findPrincipal(output.text, certificate, "AuthorizedPrincipalsCommand", situation);
  }
  const isMapped = hasFile || hasCommand;
  if (isMapped && !found) {
    return output.kind === "unknown"
      ? { kind: "unknown", text: output.text }
      : refusedBy(`No principal of the certificate ${certificate.keyId} is authorised for ${account.name}.`);
  }
  const options = found?.options ?? certificateOptions;
  const refused = refuseOptions(situation, options, false);
  if (refused) return refusedBy(`${found?.source ?? source}: ${refused}`);
  return joinTerms(
    situation,
    certificate,
    options,
    found?.source ?? source,
    isMapped ? undefined : account.name,
    true,
  );
}

/** Nothing but the certificate speaks: it alone says whether a touch is needed. */
const certificateOptions: KeyOptions = { ...noOptions, requiresTouch: false };

interface PrincipalHit {
  source: string;
  options: KeyOptions;
}

function findPrincipal(
  text: string,
  certificate: Certificate,
  path: string,
  { effective }: Situation,
): PrincipalHit | undefined {
  const hit = readPrincipalLines(text, effective.build).find((l) =>
    certificate.principals.includes(l.principal),
  );
  return hit && { source: `${path}:${hit.line}`, options: hit.options };
}

function keyTokens(
  { connection, effective }: Situation,
  account: AccountFacts,
  key: OfferedKey,
): Record<string, string> {
  return {
    ...connectionTokens(connection, effective),
    U: String(account.uid),
    u: account.name,
    h: account.home,
    t: key.type,
    f: fingerprint(key.blob),
    k: printBase64(key.sent),
  };
}

function principalTokens(
  situation: Situation,
  account: AccountFacts,
  key: OfferedKey,
  certificate: Certificate,
): Record<string, string> {
  return {
    ...keyTokens(situation, account, key),
    T: parsePublicKey(certificate.signatureKey).key?.type ?? "",
    F: fingerprint(certificate.signatureKey),
    K: printBase64(certificate.signatureKey),
    i: certificate.keyId,
    s: String(certificate.serial),
  };
}

/** Since 9.4. The client's port differs at every login. */
function connectionTokens(
  { localAddress, localPort, address }: Situation["connection"],
  { build }: Effective,
): Record<string, string> {
  return build.release < 904 ? {} : { C: `${localAddress} ${localPort} ${address} 0`, D: "" };
}

/**
 * Is the signature one that sshd takes from this key under this grant?
 *
 * @see OpenSSH auth2-pubkey.c:userauth_pubkey, behind mm_sshkey_verify
 */
export function isSignatureTaken(
  effective: Effective,
  key: OfferedKey,
  grant: KeyGrant,
  signature: Signature,
): boolean {
  if (!signature.isValid) return false;
  if (!key.keyType.isSecurityKey) return true;
  // Signatures from browsers are read from 8.4 on.
  if (signature.algorithm.startsWith("webauthn-") && effective.build.release < 804) return false;
  const asked = effective.values("pubkeyauthoptions").join(" ");
  const flags = signature.flags ?? 0;
  const needsTouch = grant.requiresTouch || /touch-required/.test(asked);
  const needsVerification = grant.requiresVerification || /verify-required/.test(asked);
  return !(needsTouch && (flags & 1) === 0) && !(needsVerification && (flags & 4) === 0);
}
