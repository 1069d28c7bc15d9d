import { type Build, newestBuild } from "@/lib/sshd-config/build";
import {
  readDelimited,
  splitArguments,
  splitDelimited,
  type Token,
  type Words,
} from "@/lib/sshd-config/lexer";
import type { Document, Line, Word } from "@/lib/sshd-config/model";

/**
 * Reads a whole file as this build's sshd splits it. Total: never throws, nothing is lost, `print` gives it back.
 *
 * @param build decides how words are split (the rules changed with OpenSSH 8.7); the newest when left out
 * @see OpenSSH servconf.c:load_server_config, process_server_config_line
 */
export function parse(text: string, build: Build = newestBuild): Document {
  const lines: Line[] = [];
  const rules: Rules = { cutsComments: build.release < 807, hasNul: text.includes("\0") };
  for (let at = 0; at < text.length; ) {
    const physical = readPhysical(text, at, lines.length + 1, rules);
    lines.push(split(physical, rules.cutsComments));
    at += physical.text.length;
  }
  return { lines };
}

interface Rules {
  /** Up to 8.6 a `#` cuts its line wherever it stands, and words are split one by one. */
  cutsComments: boolean;
  /** Looked for once: nearly no file has one. */
  hasNul: boolean;
}

/** The file as it was read, byte for byte. */
export function print(document: Document): string {
  return document.lines.map((line) => line.text).join("");
}

interface Physical {
  number: number;
  text: string;
  from: number;
  to: number;
  /** What sshd's buffer holds for the line. */
  content: string;
  /** Offset in the text of each stretch of `content`: [index in content, offset in text], ascending. */
  stretches: [number, number][];
}

/** One line of sshd: a line of text, and as many more as NULs glue to it. */
function readPhysical(text: string, from: number, number: number, { cutsComments, hasNul }: Rules): Physical {
  const stretches: [number, number][] = [];
  let content = "";
  for (let at = from; ; ) {
    const end = text.indexOf("\n", at);
    const stop = end < 0 ? text.length : end;
    const next = end < 0 ? stop : end + 1;
    const nul = hasNul ? text.indexOf("\0", at) : -1;
    const cut = nul >= 0 && nul < stop ? nul : stop;
    let start = at;
    while (start < cut && (text[start] === " " || text[start] === "\t" || text[start] === "\r")) start++;
    stretches.push([content.length, start]);
    const piece = text.slice(start, cut);
    const hash = cutsComments ? piece.indexOf("#") : -1;
    // A comment goes and a line end is put in its place, so nothing is glued on.
    content += hash >= 0 ? piece.slice(0, hash) : piece;
    if (hash >= 0 || cut === stop || next >= text.length) {
      return { number, text: text.slice(from, next), from, to: stop, content: trimEnd(content), stretches };
    }
    at = next;
  }
}

/** Without white space and form feeds at the end; the first character always stays. */
function trimEnd(line: string): string {
  let end = line.length;
  while (end > 1 && " \t\r\n\f".includes(line[end - 1]!)) end--;
  return line.slice(0, end);
}

/** Where a place of the content stands in the text. */
function placeOf({ stretches, to }: Physical, index: number): number {
  // The last stretch that begins at or before the index; NULs may have made thousands of them.
  let i = 0;
  for (let end = stretches.length; end - i > 1; ) {
    const middle = (i + end) >> 1;
    if (stretches[middle]![0] > index) end = middle;
    else i = middle;
  }
  return Math.min(stretches[i]![1] + index - stretches[i]![0], to);
}

function wordOf(physical: Physical, { value, from, to }: Token): Word {
  return { value, from: placeOf(physical, from), to: placeOf(physical, to) };
}

function split(physical: Physical, delimited: boolean): Line {
  const { content, number, text, from, to } = physical;
  const line: Line = { number, from, to, text, content, kind: "blank", args: [], unbalanced: false };
  if (content.startsWith("#")) return { ...line, kind: "comment" };
  let read = readDelimited(content, 0);
  // An equals sign at the beginning is skipped, once.
  if (read.token?.value === "" && read.next !== undefined) read = readDelimited(content, read.next);
  // With a quote that is never closed in its keyword, sshd skips the line without a word.
  if (!read.token?.value || read.token.value.startsWith("#")) {
    return text.trimStart().startsWith("#") ? { ...line, kind: "comment" } : line;
  }
  line.kind = "directive";
  line.keyword = wordOf(physical, read.token);
  const { next } = read;
  if (next === undefined) return line;
  line.rest = wordOf(physical, { value: content.slice(next), from: next, to: content.length });
  if (next >= content.length) return line;
  const words: Words = delimited
    ? splitDelimited(content, next, read.token.value.toLowerCase() !== "setenv")
    : splitArguments(content, next);
  line.args = words.tokens.map((token) => wordOf(physical, token));
  line.unbalanced = words.unbalanced;
  if (words.commentFrom !== undefined) line.commentFrom = placeOf(physical, words.commentFrom);
  return line;
}
