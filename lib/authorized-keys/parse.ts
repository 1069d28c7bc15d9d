import {
  type KeyOptions,
  newestRelease,
  noOptions,
  type OptionsContext,
  parseOptions,
} from "@/lib/authorized-keys/options";
import { type KeyText, readKeyText, skipBlanks } from "@/lib/openssh-keys/key-text";
import type { DecodedKey } from "@/lib/openssh-keys/public-key";
import { decodeText } from "@/lib/text";

/** A whole file. `printAuthorizedKeys` gives back exactly what was read. */
export interface AuthorizedKeys {
  readonly lines: readonly AuthorizedKeysLine[];
}

export type AuthorizedKeysLine = BlankLine | CommentLine | KeyLine | BrokenLine;

interface AnyLine {
  /** From 1, as sshd's log and editors count. */
  readonly number: number;
  /** The line as it stands, with its line end if it has one. */
  readonly raw: string;
}

export interface BlankLine extends AnyLine {
  readonly kind: "blank";
}

export interface CommentLine extends AnyLine {
  readonly kind: "comment";
}

/** A line that sshd understands. Whether it opens anything is another question: it may be a CA's, or expired. */
export interface KeyLine extends AnyLine {
  readonly kind: "key";
  readonly options: KeyOptions;
  /** As written; empty when there are none. */
  readonly optionsText: string;
  readonly key: DecodedKey;
  /** As written: "ssh-rsa", or another name that sshd takes for it. */
  readonly typeName: string;
  readonly base64: string;
  /** What stands behind the key, without blanks and the line end around it. */
  readonly comment: string;
  /** Where `TYPE BASE64` begins in `raw`. */
  readonly keyAt: number;
}

/** A line that sshd skips, and why, in words for people. */
export interface BrokenLine extends AnyLine {
  readonly kind: "broken";
  readonly reason: string;
}

/**
 * Reads an authorized_keys file, line by line, as sshd reads it.
 *
 * Total and lossless: what sshd skips is kept as it stands. A NUL ends what sshd reads of a line, as in C. Linear in
 * the file's length. Bytes that are no UTF-8 are kept as lib/sshd-config/bytes.ts does.
 *
 * @see auth2-pubkeyfile.c:auth_check_authkeys_file, auth_check_authkey_line
 */
export function parseAuthorizedKeys(
  source: string | Uint8Array,
  context: OptionsContext = {},
): AuthorizedKeys {
  const text = typeof source === "string" ? source : decodeText(source);
  const lines: AuthorizedKeysLine[] = [];
  for (let from = 0; from < text.length; ) {
    const newline = text.indexOf("\n", from);
    const end = newline === -1 ? text.length : newline + 1;
    lines.push(parseAuthorizedKeysLine(text.slice(from, end), lines.length + 1, context));
    from = end;
  }
  return { lines };
}

/** The file as it was read, whatever was in it. */
export function printAuthorizedKeys(file: AuthorizedKeys): string {
  return file.lines.map((line) => line.raw).join("");
}

/** One line, with or without its line end. */
export function parseAuthorizedKeysLine(
  raw: string,
  number: number,
  context: OptionsContext = {},
): AuthorizedKeysLine {
  const line = readableText(raw);
  const start = skipBlanks(line, 0);
  if (start === line.length || line.slice(start) === "\r") return { kind: "blank", number, raw };
  if (line[start] === "#") return { kind: "comment", number, raw };
  const release = context.release ?? newestRelease;
  const plain = readKeyText(line, start, release);
  if (plain.key) return keyLine(raw, number, line, start, noOptions, "", plain);
  const optionsEnd = skipOptions(line, start);
  // The first word names a type: then the key is what is wrong, since no option is called like one.
  if (plain.namesType) return { kind: "broken", number, raw, reason: plain.reason };
  if (optionsEnd === undefined)
    return { kind: "broken", number, raw, reason: "a quote is opened and not closed" };
  const keyAt = skipBlanks(line, optionsEnd);
  const withOptions = readKeyText(line, keyAt, release);
  if (!withOptions.key) return { kind: "broken", number, raw, reason: withOptions.reason };
  const reading = parseOptions(line.slice(start), context);
  if ("reason" in reading) return { kind: "broken", number, raw, reason: `options: ${reading.reason}` };
  return keyLine(raw, number, line, keyAt, reading.options, line.slice(start, optionsEnd), withOptions);
}

function keyLine(
  raw: string,
  number: number,
  line: string,
  keyAt: number,
  options: KeyOptions,
  optionsText: string,
  { key, typeName, base64, commentAt }: KeyText,
): KeyLine {
  // No regular expression: on a line of blanks it would take the square of its length.
  let end = line.length;
  while (end > commentAt && " \t\r".includes(line[end - 1]!)) end--;
  const comment = line.slice(commentAt, end);
  return {
    kind: "key",
    number,
    raw,
    options,
    optionsText,
    key,
    typeName,
    base64: base64.trim(),
    comment,
    keyAt,
  };
}

/** What sshd sees of a line: up to the newline or a NUL. */
function readableText(raw: string): string {
  const line = raw.endsWith("\n") ? raw.slice(0, -1) : raw;
  const nul = line.indexOf("\0");
  return nul === -1 ? line : line.slice(0, nul);
}

/**
 * The first blank outside quotes; undefined when a quote is not closed.
 *
 * @see authfile.c:sshkey_advance_past_options
 */
function skipOptions(line: string, start: number): number | undefined {
  let isQuoted = false;
  let at = start;
  for (; at < line.length; at++) {
    const character = line[at];
    if (!isQuoted && (character === " " || character === "\t")) return at;
    if (character === "\\" && line[at + 1] === '"') at++;
    else if (character === '"') isQuoted = !isQuoted;
  }
  return isQuoted ? undefined : at;
}
