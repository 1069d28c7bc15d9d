import { findDisguise } from "@/lib/authorized-keys/one-line";
import { printOptions, type WrittenOption } from "@/lib/authorized-keys/option-list";
import type { OptionsContext } from "@/lib/authorized-keys/options";
import {
  type AuthorizedKeys,
  type AuthorizedKeysLine,
  type KeyLine,
  parseAuthorizedKeysLine,
  printAuthorizedKeys,
} from "@/lib/authorized-keys/parse";
import { printBase64 } from "@/lib/openssh-keys/base64";
import { parsePublicKey } from "@/lib/openssh-keys/public-key";
import { equalBytes } from "@/lib/openssh-keys/wire";

/** A line to be added. */
export interface KeyEntry {
  /** Of a plain key, in OpenSSH's own spelling. */
  readonly blob: Uint8Array;
  readonly comment: string;
  readonly options: readonly WrittenOption[];
}

/** The whole file after an edit of one line; every other line is as it was, byte for byte. */
export type Edit =
  | { readonly text: string; readonly line: number; readonly reason?: undefined }
  | { readonly text?: undefined; readonly reason: string; readonly line?: number };

const longestComment = 1024;

/**
 * Adds a key as the last line.
 *
 * A last line without a line end gets one, in the file's own style: otherwise the two would be one line.
 *
 * @param context the host's sshd; an option that it would not read is refused, because it would skip the line
 * @returns why not: a comment or value that would be more than one line, a key that sshd does not load, or one that
 *   is there already (with its `line`)
 */
export function addKey(file: AuthorizedKeys, entry: KeyEntry, context: OptionsContext = {}): Edit {
  const { key } = parsePublicKey(entry.blob);
  if (!key) return { reason: "this is no public key that OpenSSH reads" };
  if (key.certificate)
    return { reason: "a certificate opens nothing from authorized_keys; name its CA instead" };
  if (!equalBytes(key.blob, entry.blob)) return { reason: "the key is not spelled as OpenSSH spells it" };
  const options = printOptions(entry.options);
  if ("reason" in options) return options;
  const comment = entry.comment.trim();
  if (comment.length > longestComment)
    return { reason: `the comment is longer than ${longestComment} characters` };
  const disguise = findDisguise(comment);
  if (disguise) return { reason: `the comment ${disguise}` };
  const lineEnd = findLineEnd(file);
  const words = [options.text, key.type, printBase64(key.blob), comment].filter((word) => word !== "");
  const raw = words.join(" ") + lineEnd;
  const last = file.lines.at(-1);
  const needsEnd = last !== undefined && !last.raw.endsWith("\n");
  const number = file.lines.length + 1;
  const line = checkedLine(raw, number, key.blob, context);
  if (typeof line === "string") return { reason: line };
  const present = findKey(file, key.blob).find(
    (other) => other.options.isCertAuthority === line.options.isCertAuthority,
  );
  if (present) return { reason: `the key is there already, in line ${present.number}`, line: present.number };
  return { text: printAuthorizedKeys(file) + (needsEnd ? lineEnd : "") + raw, line: number };
}

/**
 * Takes one line with a key out. The lines before and after it stay as they are.
 *
 * @param blob the key that is expected there; another one in that line means that the file has changed
 */
export function removeKey(file: AuthorizedKeys, number: number, blob: Uint8Array): Edit {
  const line = expectedLine(file, number, blob);
  return typeof line === "string" ? { reason: line } : replaceLine(file, line, "");
}

/**
 * Gives a line with a key other options; blanks before them, key, comment and line end stay as they are.
 *
 * @param blob the key that is expected there; another one in that line means that the file has changed
 * @param context the host's sshd; an option that it would not read is refused
 */
export function replaceOptions(
  file: AuthorizedKeys,
  number: number,
  blob: Uint8Array,
  options: readonly WrittenOption[],
  context: OptionsContext = {},
): Edit {
  const line = expectedLine(file, number, blob);
  if (typeof line === "string") return { reason: line };
  const printed = printOptions(options);
  if ("reason" in printed) return printed;
  const indent = /^[ \t]*/.exec(line.raw)?.[0] ?? "";
  const raw = indent + printed.text + (printed.text && " ") + line.raw.slice(line.keyAt);
  const checked = checkedLine(raw, number, blob, context);
  return typeof checked === "string" ? { reason: checked } : replaceLine(file, line, raw);
}

/** Every line that sshd reads as this key, whatever its options. */
export function findKey(file: AuthorizedKeys, blob: Uint8Array): KeyLine[] {
  return file.lines.filter((line): line is KeyLine => line.kind === "key" && isPlainKey(line, blob));
}

/** A certificate in authorized_keys matches nothing, so it is not its key either. */
function isPlainKey({ key }: KeyLine, blob: Uint8Array): boolean {
  return key.certificate === undefined && equalBytes(key.blob, blob);
}

function expectedLine(file: AuthorizedKeys, number: number, blob: Uint8Array): KeyLine | string {
  const line = file.lines[number - 1];
  if (line?.kind === "key" && isPlainKey(line, blob)) return line;
  return `line ${number} does not hold this key any more; read the file again`;
}

/** What was written is read again as sshd would: nothing leaves here that means something else. */
function checkedLine(
  raw: string,
  number: number,
  blob: Uint8Array,
  context: OptionsContext,
): KeyLine | string {
  const line = parseAuthorizedKeysLine(raw, number, context);
  if (line.kind === "broken") return `this host's sshd would skip the line: ${line.reason}`;
  if (line.kind !== "key" || !isPlainKey(line, blob)) return "sshd would read another key in this line";
  return line;
}

function replaceLine(file: AuthorizedKeys, line: AuthorizedKeysLine, raw: string): Edit {
  const text = file.lines.map((other) => (other === line ? raw : other.raw)).join("");
  return { text, line: line.number };
}

/** The file's last line end; a newline where there is none. */
function findLineEnd(file: AuthorizedKeys): "\n" | "\r\n" {
  const ended = file.lines.findLast((line) => line.raw.endsWith("\n"));
  return ended?.raw.endsWith("\r\n") ? "\r\n" : "\n";
}
