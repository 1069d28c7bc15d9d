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
  const rules: Rules = { cutsComments: build.release < 807, nul: indexOfNul(text, 0) };
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
  /** Where the next NUL is: nearly no file has one, and looking for it with every line would take its square. */
  nul: number;
}

function indexOfNul(text: string, from: number): number {
  const at = text.indexOf("\0", from);
  return at < 0 ? Number.POSITIVE_INFINITY : at;
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
  /** Offset in the text of the beginning of `content`. */
  first: number;
  /** As above of each stretch, where there are several: [index in content, offset in text], ascending. */
  stretches: [number, number][] | undefined;
}

/** Is it blank, tab or carriage return? */
const isLeading = (code: number) => code === 32 || code === 9 || code === 13;

/** One line of sshd: a line of text, and as many more as NULs glue to it. */
function readPhysical(text: string, from: number, number: number, rules: Rules): Physical {
  let first = from;
  let stretches: [number, number][] | undefined;
  let content = "";
  for (let at = from; ; ) {
    const end = text.indexOf("\n", at);
    const stop = end < 0 ? text.length : end;
    const next = end < 0 ? stop : end + 1;
    if (rules.nul < at) rules.nul = indexOfNul(text, at);
    const cut = Math.min(rules.nul, stop);
    let start = at;
    while (start < cut && isLeading(text.charCodeAt(start))) start++;
    if (at === from) first = start;
    else {
      stretches ??= [[0, first]];
      stretches.push([content.length, start]);
    }
    const piece = text.slice(start, cut);
    const hash = rules.cutsComments ? piece.indexOf("#") : -1;
    // A comment goes and a line end is put in its place, so nothing is glued on.
    content += hash >= 0 ? piece.slice(0, hash) : piece;
    if (hash >= 0 || cut === stop || next >= text.length) {
      const whole = text.slice(from, next);
      return { number, text: whole, from, to: stop, content: trimEnd(content), first, stretches };
    }
    at = next;
  }
}

const isTrailing = (code: number) => isLeading(code) || code === 10 || code === 12;

/** Without white space and form feeds at the end; the first character always stays. */
function trimEnd(line: string): string {
  let end = line.length;
  while (end > 1 && isTrailing(line.charCodeAt(end - 1))) end--;
  return end === line.length ? line : line.slice(0, end);
}

/** Where a place of the content stands in the text. */
function placeOf({ first, stretches, to }: Physical, index: number): number {
  if (!stretches) return Math.min(first + index, to);
  // The last stretch that begins at or before the index; NULs may have made thousands of them.
  let i = 0;
  for (let end = stretches.length; end - i > 1; ) {
    const middle = (i + end) >> 1;
    if (stretches[middle]![0] > index) end = middle;
    else i = middle;
  }
  return Math.min(stretches[i]![1] + index - stretches[i]![0], to);
}

/** The token itself, its offsets moved from the content to the text. */
function wordOf(physical: Physical, token: Token): Word {
  token.from = placeOf(physical, token.from);
  token.to = placeOf(physical, token.to);
  return token;
}

const none: readonly Word[] = [];

function split(physical: Physical, delimited: boolean): Line {
  const { content, number, text, from, to } = physical;
  const line: Line = { number, from, to, text, content, kind: "blank", args: none, unbalanced: false };
  if (content.startsWith("#")) {
    line.kind = "comment";
    return line;
  }
  let read = readDelimited(content, 0);
  // An equals sign at the beginning is skipped, once.
  if (read.token?.value === "" && read.next !== undefined) read = readDelimited(content, read.next);
  // With a quote that is never closed in its keyword, sshd skips the line without a word.
  if (!read.token?.value || read.token.value.startsWith("#")) {
    if (text.trimStart().startsWith("#")) line.kind = "comment";
    return line;
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
  for (const token of words.tokens) wordOf(physical, token);
  line.args = words.tokens;
  line.unbalanced = words.unbalanced;
  if (words.commentFrom !== undefined) line.commentFrom = placeOf(physical, words.commentFrom);
  return line;
}
