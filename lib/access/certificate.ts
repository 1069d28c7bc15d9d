import type { LoginConnection } from "@/lib/access/connection";
import type { Certificate } from "@/lib/openssh-keys/certificate";

/** Why the certificate does not hold now and for this name. */
export interface CertificateRefusal {
  readonly reason: "not-a-user" | "not-yet-valid" | "expired" | "no-principals" | "other-principal";
  readonly text: string;
}

/**
 * Is it a user's certificate, valid now and for the name?
 *
 * @param name undefined: another list has named the principal already
 * @see OpenSSH sshkey.c:sshkey_cert_check_authority
 */
export function refuseCertificate(
  certificate: Certificate,
  now: LoginConnection["now"],
  name: string | undefined,
  requiresPrincipals: boolean,
): CertificateRefusal | undefined {
  const id = certificate.keyId;
  if (certificate.kind !== "user")
    return { reason: "not-a-user", text: `The certificate ${id} is that of a host.` };
  const second = BigInt(Math.floor(now));
  if (second < certificate.validAfter)
    return { reason: "not-yet-valid", text: `The certificate ${id} is not valid yet.` };
  if (second >= certificate.validBefore)
    return { reason: "expired", text: `The certificate ${id} has expired.` };
  if (certificate.principals.length === 0) {
    return requiresPrincipals
      ? { reason: "no-principals", text: `The certificate ${id} names no principal.` }
      : undefined;
  }
  if (name === undefined || certificate.principals.includes(name)) return undefined;
  return { reason: "other-principal", text: `The certificate ${id} does not name ${name} as a principal.` };
}
