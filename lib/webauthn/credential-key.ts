import { cose, decodeCredentialPublicKey } from "@simplewebauthn/server/helpers";
import { type SecurityKeyNumbers, securityKeyBlob } from "@/lib/openssh-keys/security-key";
import { concatenate } from "@/lib/openssh-keys/wire";

const uncompressed = new Uint8Array([4]);

/**
 * The SSH key blob of a WebAuthn credential.
 *
 * @param publicKey COSE_Key (RFC 9052, 7), as it is stored
 * @param application the relying party's id
 * @returns undefined for a key of a kind that SSH has no name for (RSA, P-384)
 */
export function keyBlobOfCredential(
  publicKey: Uint8Array<ArrayBuffer>,
  application: string,
): Uint8Array | undefined {
  const numbers = numbersOfCredential(publicKey);
  return numbers && securityKeyBlob(numbers, application);
}

/** The key's own numbers; undefined for a kind that SSH has no name for. */
export function numbersOfCredential(publicKey: Uint8Array<ArrayBuffer>): SecurityKeyNumbers | undefined {
  const key = decodeCredentialPublicKey(publicKey);
  if (cose.isCOSEPublicKeyEC2(key)) {
    const [x, y] = [key.get(cose.COSEKEYS.x), key.get(cose.COSEKEYS.y)];
    if (key.get(cose.COSEKEYS.crv) !== cose.COSECRV.P256 || x?.length !== 32 || y?.length !== 32)
      return undefined;
    return { family: "ecdsa", point: concatenate([uncompressed, x, y]) };
  }
  if (cose.isCOSEPublicKeyOKP(key)) {
    const x = key.get(cose.COSEKEYS.x);
    if (key.get(cose.COSEKEYS.crv) !== cose.COSECRV.ED25519 || x?.length !== 32) return undefined;
    return { family: "ed25519", publicBytes: x };
  }
  return undefined;
}
