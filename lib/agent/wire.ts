import { type AgentErrorCode, agentErrorCodes } from "@/lib/agent/errors";

/** The wire of agent/README.md: frames by lengths, so that no byte of a file needs escaping. Hosts may be hostile. */

export interface Request {
  readonly verb: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Uint8Array;
}

export interface Answer {
  /** Values hold no newline and no control character. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export type Finished =
  | { readonly ok: true; readonly error: null; readonly answer: Answer }
  | { readonly ok: true; readonly error: { readonly code: AgentErrorCode; readonly message: string } }
  /** What is wrong with the bytes, for the log and the person. */
  | { readonly ok: false; readonly fault: string };

const magic = "GATEHOUSE/1";
const largestLineBytes = 128;
const largestRequestBytes = 256 * 1024;
const largestHeaderBytes = 64 * 1024;
const largestPartBytes = 64 * 1024;
const headerName = /^[a-z0-9._-]{1,64}$/;
const controlCharacter = /[\x00-\x1f\x7f]/;

/**
 * The bytes of a request.
 *
 * @throws RangeError when a name or value does not fit the wire, or the whole is over 256 KiB
 */
export function printRequest({ verb, headers, body }: Request): Buffer {
  if (!/^[a-z-]{1,32}$/.test(verb)) throw new RangeError(`"${verb}" is no verb`);
  const lines = Object.entries(headers).map(([name, value]) => {
    if (!headerName.test(name)) throw new RangeError(`"${name}" is no header name`);
    if (controlCharacter.test(String(value)))
      throw new RangeError(`header ${name} holds a control character`);
    return `${name}=${value}\n`;
  });
  const head = Buffer.from(lines.join(""));
  const bytes = Buffer.concat([Buffer.from(`${magic} ${verb} ${head.length} ${body.length}\n`), head, body]);
  if (bytes.length > largestRequestBytes)
    throw new RangeError(`the request has ${bytes.length} bytes; the agent takes ${largestRequestBytes}`);
  return bytes;
}

interface Frame {
  kind: "part" | "ok" | "error";
  headerBytes: number;
  bodyBytes: number;
}

const firstLine = new RegExp(`^${magic} (part|ok|error) (\\d{1,9}) (\\d{1,9})$`);

/**
 * Reads an answer as it arrives.
 *
 * Total: whatever comes in, `push` does not throw and `finish` says what was wrong. Never holds more than the caps.
 */
export class AnswerParser {
  readonly #maxBytes: number;
  readonly #onPart: ((bytes: Buffer) => void) | undefined;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #frame: Frame | undefined;
  #partBytes = 0;
  #fault: string | undefined;
  #finished: Finished | undefined;

  /**
   * @param maxBytes largest header and body together, and largest sum of parts
   * @param onPart takes live output; without it a part is a fault
   */
  constructor(maxBytes: number, onPart?: (bytes: Buffer) => void) {
    this.#maxBytes = maxBytes;
    this.#onPart = onPart;
  }

  push(chunk: Buffer): void {
    if (this.#fault) return;
    if (this.#finished) {
      if (chunk.length > 0) this.#fail("bytes after the end");
      return;
    }
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    while (this.#step());
  }

  /** Nothing more can change what `finish` says, but bytes that do not belong there. */
  get isWhole(): boolean {
    return this.#fault !== undefined || this.#finished !== undefined;
  }

  /** What it was, all in all. Call once, when the other side has closed. */
  finish(): Finished {
    if (this.#fault) return { ok: false, fault: this.#fault };
    if (this.#finished) return this.#finished;
    return { ok: false, fault: this.#pendingBytes > 0 || this.#frame ? "it was cut off" : "it was empty" };
  }

  /** Reads one line or one frame; false when more bytes are needed or nothing more is to read. */
  #step(): boolean {
    if (this.#fault || this.#finished) return false;
    if (!this.#frame) return this.#readLine();
    const { headerBytes, bodyBytes, kind } = this.#frame;
    const total = headerBytes + bodyBytes;
    if (this.#pendingBytes < total) return false;
    const bytes = this.#take(total);
    this.#frame = undefined;
    if (kind === "part") this.#onPart?.(bytes);
    else this.#finishWith(kind, bytes.subarray(0, headerBytes), Buffer.from(bytes.subarray(headerBytes)));
    return true;
  }

  #readLine(): boolean {
    const seen = this.#peek(largestLineBytes + 1);
    const end = seen.indexOf(0x0a);
    if (end < 0) {
      if (seen.length > largestLineBytes) this.#fail("its first line is too long");
      return false;
    }
    const line = this.#take(end + 1).subarray(0, end);
    const match = firstLine.exec(line.toString("latin1"));
    if (!match) {
      this.#fail("it is not the agent's protocol");
      return false;
    }
    const [, kind, headerBytes, bodyBytes] = match;
    this.#accept({
      kind: kind as Frame["kind"],
      headerBytes: Number(headerBytes),
      bodyBytes: Number(bodyBytes),
    });
    return true;
  }

  #accept(frame: Frame): void {
    if (frame.kind === "part") {
      this.#partBytes += frame.bodyBytes;
      if (!this.#onPart) {
        this.#fail("it sent live output where none was asked for");
        return;
      }
      if (frame.headerBytes !== 0 || frame.bodyBytes > largestPartBytes) {
        this.#fail("a part is too large");
        return;
      }
      if (this.#partBytes > this.#maxBytes) {
        this.#fail("its output is too long");
        return;
      }
    }
    if (frame.headerBytes > largestHeaderBytes || frame.headerBytes + frame.bodyBytes > this.#maxBytes) {
      this.#fail("it is too large");
      return;
    }
    this.#frame = frame;
  }

  #finishWith(kind: "ok" | "error", head: Buffer, body: Buffer): void {
    const headers = parseHeaders(head);
    if (!headers) {
      this.#fail("its headers are damaged");
      return;
    }
    if (this.#pendingBytes > 0) {
      this.#fail("bytes after the end");
      return;
    }
    if (kind === "ok") {
      this.#finished = { ok: true, error: null, answer: { headers, body } };
      return;
    }
    const code = agentErrorCodes.find((known) => known === headers.code);
    if (!code) {
      this.#fail("its error has no known code");
      return;
    }
    this.#finished = { ok: true, error: { code, message: headers.message || "The agent gave no reason." } };
  }

  #fail(fault: string): void {
    this.#fault = fault;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#frame = undefined;
  }

  #peek(length: number): Buffer {
    if ((this.#pending[0]?.length ?? 0) < Math.min(length, this.#pendingBytes))
      this.#pending = [Buffer.concat(this.#pending)];
    return (this.#pending[0] ?? Buffer.alloc(0)).subarray(0, length);
  }

  #take(length: number): Buffer {
    const all =
      this.#pending.length === 1 ? (this.#pending[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#pending);
    this.#pending = all.length > length ? [all.subarray(length)] : [];
    this.#pendingBytes = all.length - length;
    return all.subarray(0, length);
  }
}

/** `name=value` lines; undefined when one is damaged or a name comes twice. */
function parseHeaders(bytes: Buffer): Record<string, string> | undefined {
  const headers: Record<string, string> = Object.create(null);
  if (bytes.length === 0) return headers;
  const text = bytes.toString("utf8");
  if (!text.endsWith("\n")) return undefined;
  for (const line of text.slice(0, -1).split("\n")) {
    const equals = line.indexOf("=");
    const name = line.slice(0, equals);
    const value = line.slice(equals + 1);
    if (equals < 1 || !headerName.test(name) || controlCharacter.test(value) || name in headers)
      return undefined;
    headers[name] = value;
  }
  return headers;
}
