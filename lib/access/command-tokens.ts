import type { Situation } from "@/lib/access/connection";
import type { AccountFacts } from "@/lib/access/facts";
import type { OfferedKey } from "@/lib/access/offered-key";
import type { Effective } from "@/lib/access/server";
import { printBase64 } from "@/lib/openssh-keys/base64";
import type { Certificate } from "@/lib/openssh-keys/certificate";
import { fingerprint, parsePublicKey } from "@/lib/openssh-keys/public-key";

/** What the percent signs of AuthorizedKeysCommand stand for. */
export function keyTokens(
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

/** What those of AuthorizedPrincipalsCommand stand for. */
export function principalTokens(
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
