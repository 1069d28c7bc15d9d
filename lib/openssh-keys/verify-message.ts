import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { decodeBase64 } from "@/lib/openssh-keys/base64";
import { fingerprint, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { authenticatorFlags } from "@/lib/openssh-keys/security-key-signature";
import { verifySignature } from "@/lib/openssh-keys/verify";
import {
  concatenate,
  decodeCString,
  encodeText,
  equalBytes,
  printString,
  WireReader,
} from "@/lib/openssh-keys/wire";

/** A signature file of `ssh-keygen -Y sign`, read and not yet believed. */
export interface MessageSignature {
  /** The blob of the plain key that says it has signed. */
  readonly keyBlob: Uint8Array;
  readonly namespace: string;
  readonly hashAlgorithm: "sha256" | "sha512";
  readonly reserved: Uint8Array;
  /** `string algorithm`, then what the algorithm has. */
  readonly signature: Uint8Array;
  readonly algorithm: string;
  /** Security keys only: what the authenticator says of touch and PIN, and its count. */
  readonly touch?: { readonly isPresent: boolean; readonly isVerified: boolean; readonly counter: number };
}

export type SignatureReading =
  | { readonly signature: MessageSignature }
  | { readonly signature?: undefined; readonly reason: string };

const magic = encodeText("SSHSIG");
const version = 1;
/** A signature of an RSA key of 16,384 bits takes 6 KB in base64. */
const largestText = 64 * 1024;

/**
 * Reads the armored text of a signature file, with white space around it and lines ended as clipboards do.
 *
 * @returns a reason in words for what is none; never throws. Whether it is valid says `verifyMessage`
 * @see PROTOCOL.sshsig of OpenSSH
 */
export function parseMessageSignature(text: string): SignatureReading {
  if (text.length > largestText) return { reason: "this text is too long for a signature" };
  const found = /-----BEGIN SSH SIGNATURE-----([A-Za-z0-9+/=\s]*)-----END SSH SIGNATURE-----/.exec(text);
  const bytes = found && decodeBase64(found[1] ?? "");
  if (!found)
    return {
      reason:
        "no signature stands here: it begins with -----BEGIN SSH SIGNATURE----- and ends with -----END SSH SIGNATURE-----",
    };
  if (!bytes) return { reason: "the signature is damaged: what stands in it is no base64" };
  return readSignature(bytes);
}

function readSignature(bytes: Uint8Array): SignatureReading {
  if (!equalBytes(bytes.subarray(0, magic.length), magic)) return { reason: damaged };
  const reader = new WireReader(bytes.subarray(magic.length));
  if (reader.readUint32() !== version) return { reason: "a signature of a version that nobody knows" };
  const keyBlob = reader.readString();
  const namespace = reader.readString();
  const reserved = reader.readString();
  const hashAlgorithm = reader.readCString();
  const signature = reader.readString();
  if (!keyBlob || !namespace || !reserved || !signature || !reader.isAtEnd) return { reason: damaged };
  if (hashAlgorithm !== "sha256" && hashAlgorithm !== "sha512")
    return { reason: "the signature is of a hash that ssh-keygen does not use" };
  const name = decodeCString(namespace);
  if (name === undefined) return { reason: damaged };
  const { key } = parsePublicKey(keyBlob);
  if (!key) return { reason: "the key in the signature cannot be read" };
  if (key.certificate)
    return {
      reason: "the signature was made with a certificate. Sign with the plain key: -f KEY, not KEY-cert.pub",
    };
  const own = new WireReader(signature);
  const algorithm = own.readCString();
  if (algorithm === undefined || !own.readString()) return { reason: damaged };
  const read = { keyBlob: key.blob, namespace: name, hashAlgorithm, reserved, signature, algorithm } as const;
  if (!key.keyType.isSecurityKey) return { signature: read };
  const flags = own.readByte();
  const counter = own.readUint32();
  if (flags === undefined || counter === undefined) return { reason: damaged };
  const isPresent = (flags & authenticatorFlags.isPresent) !== 0;
  const isVerified = (flags & authenticatorFlags.isVerified) !== 0;
  return { signature: { ...read, touch: { isPresent, isVerified, counter } } };
}

const damaged = "the signature is damaged: copy all of it, from the line BEGIN to the line END";

/** What a signature must be about. */
export interface ExpectedMessage {
  readonly keyBlob: Uint8Array;
  readonly namespace: string;
  readonly message: Uint8Array;
}

/**
 * Whether the key signed the message for this namespace.
 *
 * As `ssh-keygen -Y verify`, and stricter: of RSA only SHA-2, of a security key only signatures that it was touched
 * for, and no certificates.
 *
 * @returns why not, in words; undefined when it did. Never throws
 */
export async function findSignatureFault(
  given: MessageSignature,
  { keyBlob, namespace, message }: ExpectedMessage,
): Promise<string | undefined> {
  if (!equalBytes(given.keyBlob, keyBlob))
    return `another key has signed, ${fingerprint(given.keyBlob)}; it should be ${fingerprint(keyBlob)}`;
  if (given.namespace !== namespace)
    return `it was signed for "${given.namespace.slice(0, 100)}"; it should be for "${namespace}" (-n ${namespace})`;
  if (given.algorithm === "ssh-rsa")
    return "it was made with SHA-1, which nobody should believe any more. Use OpenSSH 7.2 or later";
  if (given.touch && !given.touch.isPresent)
    return "the security key was not touched for it. Use a key that was made without -O no-touch-required";
  const hash = given.hashAlgorithm === "sha256" ? sha256 : sha512;
  const signed = concatenate([
    magic,
    printString(encodeText(given.namespace)),
    printString(given.reserved),
    printString(given.hashAlgorithm),
    printString(hash(message)),
  ]);
  const verdict = await verifySignature(keyBlob, signed, given.signature);
  if (verdict === "valid") return undefined;
  if (verdict === "unknown") return "Gatehouse cannot check signatures of this type of key";
  return "it is not a signature of this challenge: an older one was signed, or another text";
}
