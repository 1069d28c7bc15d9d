import {
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from "node:crypto";
import { AppError } from "@/lib/errors";
import { decrypt, encrypt } from "@/lib/secrets/envelope";

/** The fixed bytes in front of a raw X25519 key in SubjectPublicKeyInfo (RFC 8410, section 4). */
const spkiPrefix = Buffer.from("302a300506032b656e032100", "hex");
const publicKeyBytes = 32;

/** A worker's key for what the web process hands it. The private half never leaves the memory of that process. */
export interface BoxKey {
  /** X25519, 32 raw bytes. */
  readonly publicKey: Buffer;
  readonly privateKey: KeyObject;
}

/** A fresh key pair, made when a worker starts. What is sealed to it dies with that worker. */
export function makeBoxKey(): BoxKey {
  const { publicKey, privateKey } = generateKeyPairSync("x25519");
  return { publicKey: rawOf(publicKey), privateKey };
}

/**
 * Seals `bytes` so that only the holder of the private key opens them, and only under the same `context`.
 *
 * Ephemeral X25519, HKDF-SHA-256 over both public keys, AES-256-GCM. Layout: ephemeral public key (32), sealed data.
 *
 * @param context what this is for ("enrolment:<id>"); authenticated, not secret
 * @throws AppError `unavailable` when `publicKey` is no usable X25519 key
 */
export function sealToBox(publicKey: Uint8Array, bytes: Uint8Array, context: string): Buffer {
  const ephemeral = generateKeyPairSync("x25519");
  const ephemeralPublicKey = rawOf(ephemeral.publicKey);
  const key = agree(ephemeral.privateKey, publicKey, ephemeralPublicKey, Buffer.from(publicKey), context);
  return Buffer.concat([ephemeralPublicKey, encrypt(key, bytes, Buffer.from(context))]);
}

/**
 * What was sealed to this private key under this context.
 *
 * @throws AppError `unavailable` when it was sealed to another worker, for another context, or was altered
 */
export function openBox(privateKey: KeyObject, sealed: Uint8Array, context: string): Buffer {
  const ephemeralPublicKey = Buffer.from(sealed.subarray(0, publicKeyBytes));
  const own = rawOf(createPublicKey(privateKey));
  try {
    const key = agree(privateKey, ephemeralPublicKey, ephemeralPublicKey, own, context);
    return decrypt(key, sealed.subarray(publicKeyBytes), Buffer.from(context));
  } catch (cause) {
    throw new AppError(
      "unavailable",
      "What you entered was kept for a worker that is no longer running. Enter it again.",
      { detail: `box ${context}: sealed to another worker, for another purpose, or altered`, cause },
    );
  }
}

/** The one key that both sides reach. Refuses keys of small order, whose secret everybody knows (RFC 7748, 6.1). */
function agree(
  privateKey: KeyObject,
  theirs: Uint8Array,
  ephemeral: Buffer,
  recipient: Buffer,
  context: string,
) {
  if (theirs.length !== publicKeyBytes)
    throw new AppError("unavailable", "A worker's key is damaged. Start the worker again.", {
      detail: `X25519 key of ${theirs.length} bytes`,
    });
  const shared = diffieHellman({
    privateKey,
    publicKey: createPublicKey({ key: Buffer.concat([spkiPrefix, theirs]), format: "der", type: "spki" }),
  });
  if (shared.every((byte) => byte === 0)) throw new Error("X25519 key of small order");
  const salt = Buffer.concat([ephemeral, recipient]);
  return createSecretKey(Buffer.from(hkdfSync("sha256", shared, salt, `gatehouse box 1\0${context}`, 32)));
}

function rawOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ format: "der", type: "spki" }).subarray(spkiPrefix.length);
}
