import { curves } from "@/lib/openssh-keys/curve";
import type { CurveName } from "@/lib/openssh-keys/key-types";
import type { PrivateKey } from "@/lib/openssh-keys/private-key-file";
import { ed25519PublicKey, type PublicKey } from "@/lib/openssh-keys/public-key";
import { concatenate, printMpint, printString } from "@/lib/openssh-keys/wire";

/** What can be generated here, best first. */
export const generatedKinds = [
  "ed25519",
  "ecdsa-256",
  "ecdsa-384",
  "ecdsa-521",
  "rsa-3072",
  "rsa-4096",
] as const;
export type GeneratedKind = (typeof generatedKinds)[number];

/** A pair that WebCrypto made, and the same as OpenSSH writes it. */
export interface GeneratedKey {
  readonly privateKey: PrivateKey;
  /** Signs by `signMessage`. */
  readonly signingKey: CryptoKey;
}

const parameters: Record<GeneratedKind, EcKeyGenParams | RsaHashedKeyGenParams | { name: "Ed25519" }> = {
  ed25519: { name: "Ed25519" },
  "ecdsa-256": { name: "ECDSA", namedCurve: "P-256" },
  "ecdsa-384": { name: "ECDSA", namedCurve: "P-384" },
  "ecdsa-521": { name: "ECDSA", namedCurve: "P-521" },
  "rsa-3072": rsa(3072),
  "rsa-4096": rsa(4096),
};

function rsa(modulusLength: number): RsaHashedKeyGenParams {
  return {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-512",
    modulusLength,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
}

const curveNames: Readonly<Record<string, CurveName>> = {
  "P-256": "nistp256",
  "P-384": "nistp384",
  "P-521": "nistp521",
};

/**
 * A fresh key pair. The randomness is the engine's own: WebCrypto takes none.
 *
 * @param comment printable ASCII; stands in both files
 * @throws the engine's error when it lacks the kind (Ed25519 before Chromium 137, Firefox 129, Safari 17)
 */
export async function generateKey(kind: GeneratedKind, comment: string): Promise<GeneratedKey> {
  const { subtle } = globalThis.crypto;
  const pair = await subtle.generateKey(parameters[kind], true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new Error("WebCrypto made no key pair");
  const jwk = await subtle.exportKey("jwk", pair.privateKey);
  return { privateKey: toPrivateKey(jwk, comment), signingKey: pair.privateKey };
}

/**
 * A private key in JSON Web Key's numbers, as OpenSSH orders them.
 *
 * @throws Error for a key of another kind, or one without its numbers
 * @see RFC 7518, section 6; RFC 8037; PROTOCOL.agent ("SSH2_AGENTC_ADD_IDENTITY")
 */
export function toPrivateKey(jwk: JsonWebKey, comment: string): PrivateKey {
  if (jwk.kty === "OKP" && jwk.crv === "Ed25519") {
    const publicBytes = numberOf(jwk.x);
    const fields = [printString(publicBytes), printString(concatenate([numberOf(jwk.d), publicBytes]))];
    return { publicKey: ed25519PublicKey(publicBytes, comment), fields };
  }
  if (jwk.kty === "EC") {
    const curve = curveNames[jwk.crv ?? ""];
    if (!curve) throw new Error(`a curve that OpenSSH does not know: ${jwk.crv}`);
    const { bytes } = curves[curve];
    const [x, y] = [atLength(numberOf(jwk.x), bytes), atLength(numberOf(jwk.y), bytes)];
    const shared = [printString(curve), printString(concatenate([Uint8Array.of(4), x, y]))];
    const publicKey = publicKeyOf(`ecdsa-sha2-${curve}`, shared, comment);
    return { publicKey, fields: [...shared, printMpint(numberOf(jwk.d))] };
  }
  if (jwk.kty === "RSA") {
    const [n, e] = [printMpint(numberOf(jwk.n)), printMpint(numberOf(jwk.e))];
    const secrets = [jwk.d, jwk.qi, jwk.p, jwk.q].map((text) => printMpint(numberOf(text)));
    return { publicKey: publicKeyOf("ssh-rsa", [e, n], comment), fields: [n, e, ...secrets] };
  }
  throw new Error(`a kind of key that OpenSSH does not know: ${jwk.kty}`);
}

function publicKeyOf(type: string, fields: readonly Uint8Array[], comment: string): PublicKey {
  return { type, blob: concatenate([printString(type), ...fields]), comment };
}

/** The bytes of a base64url number. */
function numberOf(text: string | undefined): Uint8Array {
  if (!text) throw new Error("a private key without its numbers");
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function atLength(number: Uint8Array, length: number): Uint8Array {
  if (number.length > length) throw new Error("a number that is longer than its curve");
  return concatenate([new Uint8Array(length - number.length), number]);
}
