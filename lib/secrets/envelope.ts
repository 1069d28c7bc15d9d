import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { AppError } from "@/lib/errors";
import type { SealingKey } from "@/lib/secrets/key-file";

/** Where a ciphertext stands. It is authenticated, so that a value copied to another row does not open there. */
export interface Place {
  readonly table: string;
  readonly column: string;
  readonly row: string;
}

const format = 1;
const nonceBytes = 12;
/** Stated at every use: Node accepts a tag of 4 bytes otherwise, which can be guessed. */
const tagBytes = 16;
const dataKeyBytes = 32;
const keyIdBytes = 8;
const lockedDataKeyBytes = nonceBytes + dataKeyBytes + tagBytes;
const headBytes = 1 + keyIdBytes + lockedDataKeyBytes;

/**
 * Seals `plaintext` for one place, under a data key of its own that is sealed under the installation's key.
 *
 * Layout: format (1 byte), key id (8), sealed data key (12 + 32 + 16), sealed data (12 + n + 16).
 */
export function seal(sealingKey: SealingKey, place: Place, plaintext: Uint8Array): Buffer {
  const dataKey = randomBytes(dataKeyBytes);
  const head = Buffer.concat([Buffer.from([format]), sealingKey.id]);
  const sealed = Buffer.concat([
    head,
    encrypt(sealingKey.key, dataKey, authenticated(head, place, "key")),
    encrypt(createSecretKey(dataKey), plaintext, authenticated(head, place, "data")),
  ]);
  dataKey.fill(0);
  return sealed;
}

/**
 * What was sealed for this place.
 *
 * @throws AppError `unavailable` when it was sealed with another key, for another place, or was altered
 */
export function unseal(sealingKey: SealingKey, place: Place, sealed: Uint8Array): Buffer {
  const bytes = Buffer.from(sealed);
  if (bytes.length < headBytes + nonceBytes + tagBytes || bytes[0] !== format)
    throw cannotOpen(place, `${bytes.length} bytes, format ${bytes[0]}`);
  const head = bytes.subarray(0, 1 + keyIdBytes);
  const keyId = head.subarray(1);
  if (!keyId.equals(sealingKey.id))
    throw cannotOpen(place, `sealed with key ${keyId.toString("hex")}, not ${sealingKey.id.toString("hex")}`);
  try {
    const dataKey = decrypt(
      sealingKey.key,
      bytes.subarray(1 + keyIdBytes, headBytes),
      authenticated(head, place, "key"),
    );
    const plaintext = decrypt(
      createSecretKey(dataKey),
      bytes.subarray(headBytes),
      authenticated(head, place, "data"),
    );
    dataKey.fill(0);
    return plaintext;
  } catch (cause) {
    throw cannotOpen(place, "authentication failed: altered, or moved from another row", cause);
  }
}

/** AES-256-GCM: nonce, ciphertext, tag. */
export function encrypt(key: KeyObject, plaintext: Uint8Array, additional: Uint8Array): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(additional);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** The reverse of `encrypt`; throws when anything differs. */
export function decrypt(key: KeyObject, sealed: Uint8Array, additional: Uint8Array): Buffer {
  if (sealed.length < nonceBytes + tagBytes) throw new Error("too short to be sealed data");
  const nonce = sealed.subarray(0, nonceBytes);
  const tag = sealed.subarray(sealed.length - tagBytes);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(additional);
  decipher.setAuthTag(tag);
  const plaintext = decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes));
  return Buffer.concat([plaintext, decipher.final()]);
}

/** Lengths stand before the parts, so that no two places give the same bytes. */
function authenticated(head: Uint8Array, place: Place, layer: "key" | "data"): Buffer {
  const parts = [layer, place.table, place.column, place.row].map((part) => Buffer.from(part));
  return Buffer.concat([
    head,
    ...parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  ]);
}

function cannotOpen(place: Place, detail: string, cause?: unknown): AppError {
  return new AppError(
    "unavailable",
    "A stored secret cannot be opened with this installation's key. Restore the key file and the database from the same backup.",
    { detail: `${place.table}.${place.column} of ${place.row}: ${detail}`, cause },
  );
}
