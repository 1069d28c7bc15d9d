import { md5 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { parseBase64, printBase64 } from "@/lib/openssh-keys/base64";
import { type Certificate, parseCertificate } from "@/lib/openssh-keys/certificate";
import { readKeyNumbers } from "@/lib/openssh-keys/key-numbers";
import { type CurveName, type KeyType, keyTypeByName } from "@/lib/openssh-keys/key-types";
import { concatenate, equalBytes, printString, WireReader } from "@/lib/openssh-keys/wire";

/** A public key: what `type base64 comment` says in a .pub file, a host key file or known_hosts. */
export interface PublicKey {
  /** "ssh-ed25519"; always equal to the type inside the blob. */
  readonly type: string;
  readonly blob: Uint8Array;
  /** Printable ASCII; may be empty. */
  readonly comment: string;
}

/** An RSA key of 16,384 bits takes 2,080 bytes; certificates are not public keys on such lines. */
const largestBlobBytes = 4096;
const largestCommentLength = 1024;
/** No certificate comes near; sshd itself would read 128 MiB. */
const largestKeyBytes = 1024 * 1024;

/** What a key blob holds, whoever wrote it. */
export interface DecodedKey {
  /** "ssh-ed25519", or "ssh-ed25519-cert-v01@openssh.com" with a certificate. */
  readonly type: string;
  /** "ED25519", "ED25519-CERT": as `ssh-keygen -l` writes it. */
  readonly label: string;
  /** The kind of the key itself, also of one that is certified. */
  readonly keyType: KeyType;
  readonly bits: number;
  readonly curve?: CurveName;
  /** Security keys only. */
  readonly application?: string;
  /**
   * The plain key as OpenSSH would write it, without the certificate: equal keys have equal blobs here, even where
   * the given ones differ in a leading zero. Fingerprints are taken of it.
   */
  readonly blob: Uint8Array;
  readonly certificate?: Certificate;
}

/** `tooShort`: an RSA key of less than 1024 bits, the one fault that a list of revoked keys may have. */
export type KeyReading =
  | { readonly key: DecodedKey }
  | { readonly key?: undefined; readonly reason: string; readonly tooShort?: true };

function readBlob(blob: Uint8Array): KeyReading {
  if (blob.length > largestKeyBytes) return { reason: `a key of more than ${largestKeyBytes} bytes` };
  const reader = new WireReader(blob);
  const named = keyTypeByName(reader.readCString() ?? "");
  if (!named) return { reason: "not a key of a type that OpenSSH knows" };
  const { type: keyType, isCertificate } = named;
  if (isCertificate && !reader.readString()) return { reason: "the certificate is cut" };
  const numbers = readKeyNumbers(keyType, reader, isCertificate ? undefined : blob);
  if ("reason" in numbers) return numbers;
  const { bits, application, blob: plain } = numbers;
  const known = { keyType, bits, blob: plain, curve: keyType.curve, application };
  if (!isCertificate) {
    if (!reader.isAtEnd) return { reason: "bytes stand after the key" };
    return { key: { ...known, type: keyType.name, label: keyType.label } };
  }
  const reading = parseCertificate(blob);
  if ("reason" in reading) return reading;
  const { certificate } = reading;
  return { key: { ...known, type: certificate.type, label: `${keyType.label}-CERT`, certificate } };
}

/**
 * The type that a key blob names, when the blob is a whole plain key, written as OpenSSH writes it.
 *
 * For host keys and for keys that we place: DSA is refused, and so is every second spelling of a key.
 */
export function typeOfBlob(blob: Uint8Array): string | undefined {
  if (blob.length > largestBlobBytes) return undefined;
  const { key } = readBlob(blob);
  if (!key || key.certificate || key.keyType.family === "dsa") return undefined;
  return equalBytes(key.blob, blob) ? key.type : undefined;
}

/**
 * The key in one line `type base64 [comment]`, without options in front.
 *
 * Strict, unlike sshd: for host keys and for what people paste.
 *
 * @returns undefined when it is no key of a type we know, the type is not the one inside, or bytes stand where they
 *   should not; never throws
 * @see sshd(8) "AUTHORIZED_KEYS FILE FORMAT"
 */
export function parsePublicKey(line: string): PublicKey | undefined;
/**
 * What is in a key blob, plain key or certificate, by the checks that OpenSSH makes when it loads one.
 *
 * @returns a reason in words when OpenSSH would not load it; never throws. Nobody has checked a certificate's
 *   signature yet: see verify.ts
 * @see sshkey.c:sshkey_from_blob
 */
export function parsePublicKey(blob: Uint8Array): KeyReading;
export function parsePublicKey(source: string | Uint8Array): PublicKey | KeyReading | undefined {
  return typeof source === "string" ? readLine(source) : readBlob(source);
}

function readLine(line: string): PublicKey | undefined {
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

/**
 * The fingerprint of a blob, as `ssh-keygen -l` prints it; `-E md5` for the old one that other tools still show.
 *
 * Of a certificate OpenSSH prints that of the plain key: pass `DecodedKey.blob`.
 */
export function fingerprint(blob: Uint8Array, hash: "sha256" | "md5" = "sha256"): string {
  if (hash === "sha256") return printFingerprint(sha256(blob));
  return `MD5:${Array.from(md5(blob), (byte) => byte.toString(16).padStart(2, "0")).join(":")}`;
}
