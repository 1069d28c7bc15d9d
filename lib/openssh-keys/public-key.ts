import { parseBase64, printBase64 } from "@/lib/openssh-keys/base64";
import { concatenate, printString, WireReader } from "@/lib/openssh-keys/wire";

/** A public key: what `type base64 comment` says in a .pub file, a host key file or known_hosts. */
export interface PublicKey {
  /** "ssh-ed25519"; always equal to the type inside the blob. */
  readonly type: string;
  readonly blob: Uint8Array;
  /** Printable ASCII; may be empty. */
  readonly comment: string;
}

/** An RSA key of 16,384 bits takes 2,080 bytes; certificates are not public keys to us. */
const largestBlobBytes = 4096;
const largestCommentLength = 1024;

/** Plain keys and security keys, as sshd 10.x knows them. */
export const publicKeyTypes = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "ssh-rsa",
  "sk-ssh-ed25519@openssh.com",
  "sk-ecdsa-sha2-nistp256@openssh.com",
] as const;
export type PublicKeyType = (typeof publicKeyTypes)[number];

/** How many strings follow the type inside the blob, and the length of those that have one. */
const layouts: Record<PublicKeyType, readonly (number | undefined)[]> = {
  "ssh-ed25519": [32],
  "ecdsa-sha2-nistp256": [8, 65],
  "ecdsa-sha2-nistp384": [8, 97],
  "ecdsa-sha2-nistp521": [8, 133],
  "ssh-rsa": [undefined, undefined],
  "sk-ssh-ed25519@openssh.com": [32, undefined],
  "sk-ecdsa-sha2-nistp256@openssh.com": [8, 65, undefined],
};

function isPublicKeyType(text: string): text is PublicKeyType {
  return (publicKeyTypes as readonly string[]).includes(text);
}

/**
 * The type that a key blob names, when the blob is a whole key of that type and nothing else.
 *
 * Checks the shape (RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4, PROTOCOL.u2f), not whether the numbers make a good key.
 */
export function typeOfBlob(blob: Uint8Array): PublicKeyType | undefined {
  if (blob.length > largestBlobBytes) return undefined;
  const reader = new WireReader(blob);
  const name = reader.readString();
  const type = name && new TextDecoder().decode(name);
  if (!type || !isPublicKeyType(type)) return undefined;
  for (const length of layouts[type]) {
    const field = reader.readString();
    if (!field || field.length === 0 || (length !== undefined && field.length !== length)) return undefined;
  }
  return reader.isAtEnd ? type : undefined;
}

/**
 * The key in one line `type base64 [comment]`, without options in front.
 *
 * @returns undefined when it is no key of a type we know, the type is not the one inside, or bytes stand where they
 *   should not; never throws
 * @see sshd(8) "AUTHORIZED_KEYS FILE FORMAT"
 */
export function parsePublicKey(line: string): PublicKey | undefined {
  const match = /^([a-z0-9@.-]+) +([A-Za-z0-9+/=]+)(?: +(.*))?$/.exec(line.trim());
  if (!match) return undefined;
  const [, type = "", base64 = "", comment = ""] = match;
  if (base64.length > (largestBlobBytes * 4) / 3 + 4) return undefined;
  const blob = parseBase64(base64);
  if (!blob || typeOfBlob(blob) !== type) return undefined;
  return { type, blob, comment: printableComment(comment) };
}

/** The line of a .pub file, without a newline. */
export function printPublicKey(key: PublicKey): string {
  const comment = printableComment(key.comment);
  return `${key.type} ${printBase64(key.blob)}${comment && ` ${comment}`}`;
}

/** Ed25519 (RFC 8709, section 4) from its 32 bytes. */
export function ed25519PublicKey(publicBytes: Uint8Array, comment: string): PublicKey {
  const type = "ssh-ed25519";
  return { type, blob: concatenate([printString(type), printString(publicBytes)]), comment };
}

/** A newline in a comment would be a second line of authorized_keys: only printable ASCII stays. */
function printableComment(comment: string): string {
  return comment
    .replace(/[^\x20-\x7e]/g, "")
    .trim()
    .slice(0, largestCommentLength);
}

/** "SHA256:…" as ssh-keygen -l prints it. `digest` is SHA-256 over the blob. */
export function printFingerprint(digest: Uint8Array): string {
  return `SHA256:${printBase64(digest).replace(/=+$/, "")}`;
}
