import { printBase64Url } from "@/lib/openssh-keys/base64";
import type { Certificate } from "@/lib/openssh-keys/certificate";
import { curves } from "@/lib/openssh-keys/curve";
import type { CurveName, KeyType } from "@/lib/openssh-keys/key-types";
import { parsePublicKey } from "@/lib/openssh-keys/public-key";
import { securityKeyMessage } from "@/lib/openssh-keys/security-key-signature";
import { concatenate, WireReader } from "@/lib/openssh-keys/wire";

/** `unknown`: this platform cannot check it (DSA, ML-DSA, an engine without Ed25519). Never take it for valid. */
export type SignatureVerdict = "valid" | "invalid" | "unknown";

/** Did the CA that the certificate names sign it? Whether anybody trusts that CA is another question. */
export function verifyCertificate(certificate: Certificate): Promise<SignatureVerdict> {
  return verifySignature(certificate.signatureKey, certificate.signedPart, certificate.signature);
}

/**
 * Checks a signature in OpenSSH's format with the engine's WebCrypto: Ed25519, ECDSA, RSA (SHA-1, SHA-256, SHA-512),
 * and security keys of both kinds, WebAuthn included. What a security key says about touch and PIN is not judged.
 *
 * @param keyBlob of a plain key
 * @param signature `string algorithm`, then what the algorithm has
 * @returns "invalid" also for a key or signature that cannot be read; never throws
 * @see ssh_*_verify in ssh-ed25519.c, ssh-ecdsa.c, ssh-rsa.c, ssh-ed25519-sk.c and ssh-ecdsa-sk.c; PROTOCOL.u2f
 */
export async function verifySignature(
  keyBlob: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<SignatureVerdict> {
  const { key } = parsePublicKey(keyBlob);
  if (!key || key.certificate) return "invalid";
  const reader = new WireReader(signature);
  const algorithm = reader.readCString();
  const value = reader.readString();
  if (algorithm === undefined || !value) return "invalid";
  const { keyType, application } = key;
  const signed =
    application === undefined ? message : securityKeyMessage(algorithm, application, message, reader);
  if (!signed || !reader.isAtEnd) return "invalid";
  const check = planCheck(keyType, algorithm, key.blob, value);
  if (check === "unknown" || check === "invalid") return check;
  try {
    const { subtle } = globalThis.crypto;
    const cryptoKey =
      "jwk" in check
        ? await subtle.importKey("jwk", check.jwk, check.parameters, false, ["verify"])
        : await subtle.importKey("raw", copy(check.raw), check.parameters, false, ["verify"]);
    const isValid = await subtle.verify(check.parameters, cryptoKey, copy(check.signature), copy(signed));
    return isValid ? "valid" : "invalid";
  } catch {
    // WebCrypto throws alike for an algorithm that it lacks and for numbers that it does not take as a key.
    return "unknown";
  }
}

/** What WebCrypto is asked. */
type Check = { readonly parameters: Parameters; readonly signature: Uint8Array } & (
  | { readonly raw: Uint8Array }
  | { readonly jwk: JsonWebKey }
);
interface Parameters {
  readonly name: string;
  readonly namedCurve?: string;
  readonly hash?: string;
}

const rsaHashes: Readonly<Record<string, string>> = {
  "ssh-rsa": "SHA-1",
  "rsa-sha2-256": "SHA-256",
  "rsa-sha2-512": "SHA-512",
};
const curveParameters: Readonly<Record<CurveName, { namedCurve: string; hash: string }>> = {
  nistp256: { namedCurve: "P-256", hash: "SHA-256" },
  nistp384: { namedCurve: "P-384", hash: "SHA-384" },
  nistp521: { namedCurve: "P-521", hash: "SHA-512" },
};
const webauthn = "webauthn-sk-ecdsa-sha2-nistp256@openssh.com";
const ed25519SignatureBytes = 64;

function planCheck(
  type: KeyType,
  algorithm: string,
  blob: Uint8Array,
  value: Uint8Array,
): Check | "unknown" | "invalid" {
  const reader = new WireReader(blob);
  reader.readString();
  if (type.family === "rsa") return planRsa(algorithm, reader, value);
  const isWebauthn = type.isSecurityKey && type.family === "ecdsa" && algorithm === webauthn;
  if (algorithm !== type.name && !isWebauthn) return "invalid";
  if (type.family === "ecdsa") return planEcdsa(type, reader, value);
  if (type.family !== "ed25519") return "unknown";
  const raw = reader.readString();
  if (!raw || value.length !== ed25519SignatureBytes) return "invalid";
  return { parameters: { name: "Ed25519" }, raw, signature: value };
}

function planRsa(algorithm: string, reader: WireReader, value: Uint8Array): Check | "invalid" {
  const hash = rsaHashes[algorithm];
  const exponent = reader.readMpint();
  const modulus = reader.readMpint();
  if (!hash || !exponent || !modulus) return "invalid";
  const signature = padLeft(value, modulus.length);
  if (!signature) return "invalid";
  const jwk = { kty: "RSA", n: printBase64Url(modulus), e: printBase64Url(exponent) };
  return { parameters: { name: "RSASSA-PKCS1-v1_5", hash }, jwk, signature };
}

/** WebCrypto takes r and s at full length, one after the other. */
function planEcdsa({ curve }: KeyType, reader: WireReader, value: Uint8Array): Check | "invalid" {
  reader.readString();
  const raw = reader.readString();
  const numbers = new WireReader(value);
  const r = numbers.readMpint();
  const s = numbers.readMpint();
  if (!curve || !raw || !r || !s || !numbers.isAtEnd) return "invalid";
  const { bytes } = curves[curve];
  const [paddedR, paddedS] = [padLeft(r, bytes), padLeft(s, bytes)];
  if (!paddedR || !paddedS) return "invalid";
  return {
    parameters: { name: "ECDSA", ...curveParameters[curve] },
    raw,
    signature: concatenate([paddedR, paddedS]),
  };
}

function padLeft(bytes: Uint8Array, length: number): Uint8Array | undefined {
  if (bytes.length > length) return undefined;
  return concatenate([new Uint8Array(length - bytes.length), bytes]);
}

/** WebCrypto wants bytes of their own memory. */
function copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
