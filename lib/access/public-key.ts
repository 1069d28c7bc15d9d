import { type RunCommand, runCommand } from "@/lib/access/command";
import { keyTokens } from "@/lib/access/command-tokens";
import type { Situation } from "@/lib/access/connection";
import type { AccountFacts } from "@/lib/access/facts";
import { entriesNaming, entriesOf, type KeyEntry, readEntries } from "@/lib/access/key-entries";
import { keyFilesOf, refuseKeyFile } from "@/lib/access/key-files";
import { joinTerms, type KeyGrant, type KeyVerdict, refusedBy, refuseOptions } from "@/lib/access/key-grant";
import { isSameBlob, type OfferedKey } from "@/lib/access/offered-key";
import { refuseByRevocation } from "@/lib/access/revocation";
import type { Effective } from "@/lib/access/server";
import { trustAuthority } from "@/lib/access/trusted-authority";
import type { KeyOptions } from "@/lib/authorized-keys/options";
import type { Certificate } from "@/lib/openssh-keys/certificate";

/** A signature over the login, as far as it matters who may make it. */
export interface Signature {
  /** As the signature names it: for a security key in a browser "webauthn-sk-ecdsa-sha2-nistp256@openssh.com". */
  readonly algorithm: string;
  /** It is the key's own, over this login. */
  readonly isValid: boolean;
  /** What a security key says it has checked: 1 touch, 4 PIN or finger. */
  readonly flags?: number;
}

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
  for (const entry of entriesNaming(entries, wanted)) {
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
