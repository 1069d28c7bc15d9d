import { curves } from "@/lib/openssh-keys/curve";
import type { CurveName } from "@/lib/openssh-keys/key-types";
import { printArmor } from "@/lib/openssh-keys/private-key-file";
import { parsePublicKey } from "@/lib/openssh-keys/public-key";
import { concatenate, printMpint, printString, printUint32 } from "@/lib/openssh-keys/wire";

const magic = new TextEncoder().encode("SSHSIG");
const version = 1;
const hashAlgorithm = "sha512";

const curveHashes: Record<CurveName, string> = {
  nistp256: "SHA-256",
  nistp384: "SHA-384",
  nistp521: "SHA-512",
};

/**
 * What `ssh-keygen -Y sign -n NAMESPACE` would write about a message: an armored signature in the format SSHSIG.
 *
 * @param keyBlob the public half of `signingKey`
 * @param signingKey of WebCrypto: Ed25519, ECDSA, or RSASSA-PKCS1-v1_5 with SHA-512
 * @throws Error for a key of another kind
 * @see PROTOCOL.sshsig of OpenSSH
 */
export async function signMessage(
  keyBlob: Uint8Array,
  signingKey: CryptoKey,
  namespace: string,
  message: Uint8Array,
): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest("SHA-512", new Uint8Array(message));
  const about = [printString(namespace), printString(""), printString(hashAlgorithm)];
  const signed = concatenate([magic, ...about, printString(new Uint8Array(digest))]);
  const signature = await sign(keyBlob, signingKey, signed);
  const blob = concatenate([
    magic,
    printUint32(version),
    printString(keyBlob),
    ...about,
    printString(signature),
  ]);
  return printArmor("SSH SIGNATURE", blob);
}

/** `string algorithm`, `string signature`, as a login's would be. */
async function sign(keyBlob: Uint8Array, signingKey: CryptoKey, signed: Uint8Array): Promise<Uint8Array> {
  const reading = parsePublicKey(keyBlob);
  if (!reading.key) throw new Error(`no key to sign with: ${reading.reason}`);
  const { family, curve, name } = reading.key.keyType;
  const make = async (algorithm: AlgorithmIdentifier | EcdsaParams) =>
    new Uint8Array(await globalThis.crypto.subtle.sign(algorithm, signingKey, new Uint8Array(signed)));
  if (family === "ed25519") return print(name, await make("Ed25519"));
  if (family === "rsa") return print("rsa-sha2-512", await make("RSASSA-PKCS1-v1_5"));
  if (family !== "ecdsa" || !curve) throw new Error(`a key of type ${name} cannot sign here`);
  const numbers = await make({ name: "ECDSA", hash: curveHashes[curve] });
  const { bytes } = curves[curve];
  const [r, s] = [numbers.subarray(0, bytes), numbers.subarray(bytes)];
  return print(name, concatenate([printMpint(r), printMpint(s)]));
}

function print(algorithm: string, signature: Uint8Array): Uint8Array {
  return concatenate([printString(algorithm), printString(signature)]);
}
