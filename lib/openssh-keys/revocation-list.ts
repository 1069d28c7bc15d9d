import { sha1 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Certificate } from "@/lib/openssh-keys/certificate";
import { type DecodedKey, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { WireReader } from "@/lib/openssh-keys/wire";

/** What a KRL revokes, without looking at the CA of a certificate. */
export interface RevocationList {
  readonly count: number;
  names(key: DecodedKey): boolean;
}

export type RevocationListReading =
  | { readonly list: RevocationList }
  | { readonly list?: undefined; readonly reason: string };

const magic = [..."SSHKRL\n\0"].map((character) => character.charCodeAt(0));
const formatVersion = 1;
/** Extensions are read, and signatures no longer checked, from this release on. */
const extensionsSinceRelease = 904;

/** Section numbers of PROTOCOL.krl. */
const section = { certificates: 1, key: 2, sha1: 3, signature: 4, sha256: 5, extension: 255 };
const subsection = { serials: 0x20, range: 0x21, bitmap: 0x22, keyIds: 0x23, extension: 0x39 };
const hashLengths = { sha1: 20, sha256: 32 };

/** Does the file begin as a KRL does? Anything else is a list of keys to sshd. */
export function isRevocationList(bytes: Uint8Array): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

/** What one CA's certificates, or every CA's, are revoked by. */
interface RevokedCertificates {
  /** Blob of the CA's key, joined; undefined for every CA. */
  readonly authority: string | undefined;
  /** First and last serial, both included. */
  readonly ranges: (readonly [bigint, bigint])[];
  readonly serials: Set<bigint>;
  readonly keyIds: Set<string>;
}

/** A file that does not fit. Thrown and caught in here only: a section deep inside ends the whole reading. */
class Damaged extends Error {}

/**
 * Reads a KRL.
 *
 * @returns why not, for every damage that makes sshd refuse the whole file; never throws
 * @see PROTOCOL.krl; krl.c:ssh_krl_from_blob
 */
export function parseRevocationList(
  bytes: Uint8Array,
  release = extensionsSinceRelease,
): RevocationListReading {
  try {
    return { list: readSections(new WireReader(bytes.subarray(magic.length)), release) };
  } catch (error) {
    if (error instanceof Damaged) return { reason: error.message };
    throw error;
  }
}

function need<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Damaged(`the revocation list is cut at ${what}`);
  return value;
}

function readSections(reader: WireReader, release: number): RevocationList {
  const version = need(reader.readUint32(), "its version");
  if (version !== formatVersion) throw new Damaged(`a revocation list of the unknown version ${version}`);
  for (const what of ["its number", "its date", "its flags"]) need(reader.readUint64(), what);
  need(reader.readString(), "its header");
  need(reader.readCString(), "its comment");
  const keys = new Set<string>();
  const sha1s = new Set<string>();
  const sha256s = new Set<string>();
  const certificates: RevokedCertificates[] = [];
  while (!reader.isAtEnd) {
    const type = need(reader.readByte(), "a section");
    const body = new WireReader(need(reader.readString(), "a section"));
    if (type === section.certificates) certificates.push(readCertificates(body, release));
    else if (type === section.key) readStrings(body, keys);
    else if (type === section.sha1) readStrings(body, sha1s, hashLengths.sha1);
    else if (type === section.sha256) readStrings(body, sha256s, hashLengths.sha256);
    else if (type === section.extension && release >= extensionsSinceRelease) refuseCritical(body);
    else if (type === section.signature) need(reader.readString(), "a signature");
    else throw new Damaged(`a revocation list with a section of the unknown type ${type}`);
  }
  const count = certificates.reduce(
    (sum, { ranges, serials, keyIds }) => sum + ranges.length + serials.size + keyIds.size,
    keys.size + sha1s.size + sha256s.size,
  );
  return {
    count,
    names({ blob, certificate }) {
      if (sha1s.size > 0 && sha1s.has(sha1(blob).join())) return true;
      if (sha256s.size > 0 && sha256s.has(sha256(blob).join())) return true;
      if (keys.has(blob.join())) return true;
      return (
        certificate !== undefined && certificates.some((revoked) => namesCertificate(revoked, certificate))
      );
    },
  };
}

function readStrings(reader: WireReader, into: Set<string>, length?: number) {
  while (!reader.isAtEnd) {
    const bytes = need(reader.readString(), "a key or fingerprint");
    if (length !== undefined && bytes.length !== length) {
      throw new Damaged("a fingerprint in the revocation list has the wrong length");
    }
    into.add(bytes.join());
  }
}

function refuseCritical(reader: WireReader) {
  const name = need(reader.readCString(), "an extension");
  const isCritical = need(reader.readByte(), "an extension") !== 0;
  need(reader.readString(), "an extension");
  if (!reader.isAtEnd) throw new Damaged("bytes stand after an extension of the revocation list");
  if (isCritical)
    throw new Damaged(`the revocation list needs the extension ${name}, which OpenSSH does not have`);
}

function readCertificates(reader: WireReader, release: number): RevokedCertificates {
  const authorityBlob = need(reader.readString(), "a CA's key");
  const authority = authorityBlob.length === 0 ? undefined : parsePublicKey(authorityBlob).key?.blob.join();
  if (authorityBlob.length > 0 && authority === undefined) {
    throw new Damaged("a CA's key in the revocation list is none");
  }
  need(reader.readString(), "a CA's section");
  const revoked: RevokedCertificates = { authority, ranges: [], serials: new Set(), keyIds: new Set() };
  while (!reader.isAtEnd) {
    const type = need(reader.readByte(), "a CA's section");
    const body = new WireReader(need(reader.readString(), "a CA's section"));
    if (type === subsection.serials) {
      while (!body.isAtEnd) addSerial(revoked, need(body.readUint64(), "a serial number"));
    } else if (type === subsection.range) {
      readRange(revoked, body);
    } else if (type === subsection.bitmap) {
      readBitmap(revoked, body);
    } else if (type === subsection.keyIds) {
      while (!body.isAtEnd) revoked.keyIds.add(need(body.readCString(), "a key ID"));
    } else if (type === subsection.extension && release >= extensionsSinceRelease) {
      refuseCritical(body);
    } else throw new Damaged(`a CA's section of the revocation list has the unknown type ${type}`);
    if (!body.isAtEnd) throw new Damaged("bytes stand after a part of the revocation list");
  }
  return revoked;
}

/** Zero is what a CA writes that gives no serials; it cannot be revoked. */
function addSerial(revoked: RevokedCertificates, serial: bigint) {
  if (serial === 0n) throw new Damaged("the revocation list revokes the serial number 0, which means none");
  revoked.serials.add(serial);
}

function readRange(revoked: RevokedCertificates, reader: WireReader) {
  const first = need(reader.readUint64(), "a range");
  const last = need(reader.readUint64(), "a range");
  if (first > last) throw new Damaged("a range of serial numbers runs backwards");
  if (first === 0n) throw new Damaged("the revocation list revokes the serial number 0, which means none");
  revoked.ranges.push([first, last]);
}

function readBitmap(revoked: RevokedCertificates, reader: WireReader) {
  const offset = need(reader.readUint64(), "a bitmap");
  const bitmap = need(reader.readMpint(), "a bitmap");
  for (const [index, byte] of bitmap.entries()) {
    for (let bit = 0; bit < 8; bit++) {
      if ((byte & (1 << bit)) === 0) continue;
      const serial = offset + BigInt((bitmap.length - 1 - index) * 8 + bit);
      if (serial >= 2n ** 64n) throw new Damaged("a bitmap of serial numbers runs over the end");
      addSerial(revoked, serial);
    }
  }
}

function namesCertificate(
  revoked: RevokedCertificates,
  { keyId, serial, signatureKey }: Certificate,
): boolean {
  if (revoked.authority !== undefined && revoked.authority !== signatureKey.join()) return false;
  if (revoked.keyIds.has(keyId)) return true;
  if (serial === 0n) return false;
  return (
    revoked.serials.has(serial) || revoked.ranges.some(([first, last]) => serial >= first && serial <= last)
  );
}
