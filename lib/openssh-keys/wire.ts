import { decodeText } from "@/lib/text";

/**
 * The data types of the SSH wire (RFC 4251, section 5), as far as keys need them.
 *
 * Bytes come from hosts and from people's clipboards: every read is bounded and says when it does not fit.
 */

/** The largest number that OpenSSH reads: 16,384 bits, and one byte that keeps it positive. */
const largestMpintBytes = 16_384 / 8 + 1;

/** Reads one value after the other; undefined as soon as something does not fit. */
export class WireReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** One byte. */
  readByte(): number | undefined {
    if (this.isAtEnd) return undefined;
    return this.#bytes[this.#offset++];
  }

  /** An unsigned 32-bit integer. */
  readUint32(): number | undefined {
    const bytes = this.#bytes;
    const at = this.#offset;
    if (at + 4 > bytes.length) return undefined;
    this.#offset = at + 4;
    return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  }

  /** An unsigned 64-bit integer. */
  readUint64(): bigint | undefined {
    const high = this.readUint32();
    const low = high === undefined ? undefined : this.readUint32();
    return high === undefined || low === undefined ? undefined : (BigInt(high) << 32n) | BigInt(low);
  }

  /** A `string`: its bytes, without the length. */
  readString(): Uint8Array | undefined {
    const length = this.readUint32();
    if (length === undefined || length > this.#bytes.length - this.#offset) return undefined;
    const start = this.#offset;
    this.#offset += length;
    return this.#bytes.subarray(start, this.#offset);
  }

  /** A `string` that OpenSSH keeps as a C string (see `decodeCString`). */
  readCString(): string | undefined {
    const bytes = this.readString();
    return bytes && decodeCString(bytes);
  }

  /**
   * A positive `mpint`, without leading zeros.
   *
   * @see sshbuf-getput-basic.c:sshbuf_get_bignum2_bytes_direct
   */
  readMpint(): Uint8Array | undefined {
    const bytes = this.readString();
    if (!bytes) return undefined;
    const [first = 0] = bytes;
    if (first >= 0x80 || bytes.length > largestMpintBytes) return undefined;
    if (bytes.length === largestMpintBytes && first !== 0) return undefined;
    const start = bytes.findIndex((byte) => byte !== 0);
    return start === -1 ? new Uint8Array() : bytes.subarray(start);
  }

  /** How many bytes were read. */
  get offset(): number {
    return this.#offset;
  }

  /** Nothing is left. */
  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }
}

/** An unsigned 32-bit integer, big-endian. */
export function printUint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** A `string`: length, then bytes. Text is written as UTF-8. */
export function printString(value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return concatenate([printUint32(bytes.length), bytes]);
}

/** All values as `string`s, one after the other. */
export function printStrings(values: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(values.reduce((sum, value) => sum + 4 + value.length, 0));
  let offset = 0;
  for (const value of values) {
    bytes[offset++] = value.length >>> 24;
    bytes[offset++] = value.length >>> 16;
    bytes[offset++] = value.length >>> 8;
    bytes[offset++] = value.length;
    bytes.set(value, offset);
    offset += value.length;
  }
  return bytes;
}

/** What an `mpint` holds, from a positive number without leading zeros: a set top bit gets a zero in front. */
export function padMpint(magnitude: Uint8Array): Uint8Array {
  const [first = 0] = magnitude;
  return first >= 0x80 ? concatenate([new Uint8Array(1), magnitude]) : magnitude;
}

/** An `mpint` from a positive number, which may have leading zeros here. */
export function printMpint(number: Uint8Array): Uint8Array {
  const start = number.findIndex((byte) => byte !== 0);
  return printString(padMpint(start === -1 ? new Uint8Array() : number.subarray(start)));
}

/** All parts, one after the other. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** Both hold the same bytes. Not for secrets: it stops at the first difference. */
export function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** The reverse of `decodeText` of lib/text. */
export function encodeText(text: string): Uint8Array {
  // With the flag `u` only lone surrogates match, not halves of a pair.
  if (!/[\udc80-\udcff]/u.test(text)) return new TextEncoder().encode(text);
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}

/**
 * The bytes of a C string as text.
 *
 * @see sshbuf-getput-basic.c:sshbuf_get_cstring, which allows a NUL at the end and nowhere else
 */
export function decodeCString(bytes: Uint8Array): string | undefined {
  const nul = bytes.indexOf(0);
  if (nul === -1) return decodeText(bytes);
  return nul === bytes.length - 1 ? decodeText(bytes.subarray(0, nul)) : undefined;
}
