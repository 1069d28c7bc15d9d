import { refuseCertificate } from "@/lib/access/certificate";
import type { Situation } from "@/lib/access/connection";
import { mergeOptions, optionsOfCertificate } from "@/lib/authorized-keys/certificate-options";
import { earliestExpirySecond } from "@/lib/authorized-keys/expiry-time";
import type { KeyOptions } from "@/lib/authorized-keys/options";
import { matchesFrom, matchNetworkList } from "@/lib/authorized-keys/source";
import type { Certificate } from "@/lib/openssh-keys/certificate";

/** What a key that is authorised may do, and where that stands. */
export interface KeyGrant {
  /** "/home/alice/.ssh/authorized_keys:3". */
  readonly source: string;
  readonly forcedCommand: string | undefined;
  readonly requiresTouch: boolean;
  readonly requiresVerification: boolean;
  /** Of the line, and of the certificate where one was shown. */
  readonly options: KeyOptions;
}

export type KeyVerdict =
  | { readonly kind: "granted"; readonly grant: KeyGrant }
  /** `unknown`: a command of the host decides. */
  | { readonly kind: "refused" | "unknown"; readonly text: string }
  /** sshd dies over it; the connection is closed. */
  | { readonly kind: "fatal" };

/** The key is not let in, and why. */
export const refusedBy = (text: string): KeyVerdict => ({ kind: "refused", text });

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
  const source = { address: connection.address, host: clientName };
  return matchesFrom(options.from, source, effective.build.release) === true
    ? undefined
    : `from="${options.from}" does not name ${connection.address}`;
}

/** What the line and the certificate say, taken together. */
export function joinTerms(
  { connection, effective }: Situation,
  certificate: Certificate,
  options: KeyOptions,
  source: string,
  name: string | undefined,
  requiresPrincipals: boolean,
): KeyVerdict {
  const refused = refuseCertificate(certificate, connection.now, name, requiresPrincipals);
  if (refused) return refusedBy(refused.text);
  const { release } = effective.build;
  const reading = optionsOfCertificate(certificate, release);
  if (!("options" in reading))
    return refusedBy(`The certificate ${certificate.keyId} has options that sshd refuses.`);
  const terms = reading.options;
  const { sourceAddress } = terms;
  if (sourceAddress !== undefined && matchNetworkList(connection.address, sourceAddress, release) !== true)
    return refusedBy(`The certificate ${certificate.keyId} is not for the address ${connection.address}.`);
  const merged = mergeOptions(options, terms);
  if (!("options" in merged)) return refusedBy(`${source}: ${merged.reason}.`);
  const { command: forcedCommand, requiresTouch, requiresVerification } = merged.options;
  const grant = { source, options: merged.options, forcedCommand, requiresTouch, requiresVerification };
  return { kind: "granted", grant };
}
