/**
 * The data types of the SSH wire (RFC 4251, section 5), as far as keys need them.
 *
 * Bytes come from hosts and from people's clipboards: every read is bounded and says when it does not fit.
 */

/** Reads lengths and strings one after the other; undefined as soon as something does not fit. */
export class WireReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** An unsigned 32-bit integer. */
  readUint32(): number | undefined {
    const end = this.#offset + 4;
    if (end > this.#bytes.length) return undefined;
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#offset, 4);
    this.#offset = end;
    return view.getUint32(0);
  }

  /** A `string`: its bytes, without the length. */
  readString(): Uint8Array | undefined {
    const length = this.readUint32();
    if (length === undefined || length > this.#bytes.length - this.#offset) return undefined;
    const start = this.#offset;
    this.#offset += length;
    return this.#bytes.subarray(start, this.#offset);
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
