import { type Build, newestBuild } from "@/lib/sshd-config/build";
import { findKeywordAt } from "@/lib/sshd-config/directives";
import {
  readDelimited,
  splitArguments,
  splitDelimited,
  type Token,
  type Words,
} from "@/lib/sshd-config/lexer";
import { type Parts, PlacedWords, TextLine } from "@/lib/sshd-config/line";
import type { Document, Word } from "@/lib/sshd-config/model";

/**
 * Reads a whole file as this build's sshd splits it. Total: never throws, nothing is lost, `print` gives it back.
 *
 * @param build decides how words are split (the rules changed with OpenSSH 8.7); the newest when left out
 * @see OpenSSH servconf.c:load_server_config, process_server_config_line
 */
export function parse(text: string, build: Build = newestBuild): Document {
  const lines: TextLine[] = [];
  const words = new PlacedWords(text);
  const rules: Rules = { cutsComments: build.release < 807, nul: indexOfNul(text, 0) };
  for (let at = 0; at < text.length; ) {
    const number = lines.length + 1;
    const end = text.indexOf("\n", at);
    const stop = end < 0 ? text.length : end;
    let line = rules.nul < stop ? undefined : readPlain(words, number, at, stop, rules);
    let next = stop + 1;
    if (!line) {
      const physical = readPhysical(text, at, rules);
      line = split(words, number, physical, rules.cutsComments);
      next = physical.next;
    }
    lines.push(line);
    at = next;
  }
  return { lines };
}

interface Rules {
  /** Up to 8.6 a `#` cuts its line wherever it stands, and words are split one by one. */
  cutsComments: boolean;
  /** Where the next NUL is: nearly no file has one, and looking for it with every line would take its square. */
  nul: number;
}

const hash = 35;

/** Is it a letter or digit of ASCII? */
const isOfName = (code: number) =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57);

/**
 * A line that is blank, a comment, or a keyword of letters and digits with words that stand there as sshd reads them;
 * undefined for any other, which `split` reads. It is `split` in one go: what it takes, both read alike.
 */
function readPlain(
  words: PlacedWords,
  number: number,
  from: number,
  to: number,
  { cutsComments }: Rules,
): TextLine | undefined {
  const { text } = words;
  let first = from;
  while (first < to && isLeading(text.charCodeAt(first))) first++;
  const code = text.charCodeAt(first);
  if (first === to)
    return new TextLine(words, number, "blank", from, to, first, first, first, undefined, 0, 0);
  if (code === hash && cutsComments)
    return new TextLine(words, number, "comment", from, to, first, first, first, undefined, 0, 0);
  let last = to;
  while (last > first + 1 && isTrailing(text.charCodeAt(last - 1))) last--;
  if (code === hash)
    return new TextLine(words, number, "comment", from, to, first, last, first, undefined, 0, 0);
  let at = first;
  while (at < last && isOfName(text.charCodeAt(at))) at++;
  const keywordTo = at;
  if (keywordTo === first || (at < last && !isSpace(text.charCodeAt(at)))) return undefined;
  const firstWord = words.count;
  while (at < last) {
    while (isSpace(text.charCodeAt(at))) at++;
    const begin = at;
    for (; at < last; at++) {
      const c = text.charCodeAt(at);
      if (isSpace(c)) break;
      if (isSpecial(c, cutsComments, at === begin)) {
        words.cut(firstWord);
        return undefined;
      }
    }
    words.add(begin, at);
  }
  const entry = findKeywordAt(text, first, keywordTo);
  const count = words.count - firstWord;
  return new TextLine(words, number, "directive", from, to, first, last, keywordTo, entry, firstWord, count);
}

const isSpace = (code: number) => code === 32 || code === 9;

/** May a word with it be another than stands there, in one of the generations? */
function isSpecial(code: number, cutsComments: boolean, isAtBegin: boolean): boolean {
  if (code > 92) return false;
  if (code === 34 || code === 13) return true;
  if (cutsComments) return code === hash || code === 61;
  return code === 39 || code === 92 || (isAtBegin && (code === hash || code === 61));
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
  from: number;
  to: number;
  /** What sshd's buffer holds for the line. */
  content: string;
  /** Offset in the text of the beginning of `content`. */
  first: number;
  /** As above of each stretch, where there are several: [index in content, offset in text], ascending. */
  stretches: [number, number][] | undefined;
  /** Where the next line begins. */
  next: number;
}

/** Is it blank, tab or carriage return? */
const isLeading = (code: number) => code === 32 || code === 9 || code === 13;

/** One line of sshd: a line of text, and as many more as NULs glue to it. */
function readPhysical(text: string, from: number, rules: Rules): Physical {
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
    const comment = rules.cutsComments ? piece.indexOf("#") : -1;
    // A comment goes and a line end is put in its place, so nothing is glued on.
    content += comment >= 0 ? piece.slice(0, comment) : piece;
    if (comment >= 0 || cut === stop || next >= text.length) {
      return { from, to: stop, content: trimEnd(content), first, stretches, next };
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

/** Any line at all. */
function split(words: PlacedWords, number: number, physical: Physical, delimited: boolean): TextLine {
  const { content, from, to } = physical;
  const parts: Parts = {
    content,
    keyword: undefined,
    rest: undefined,
    args: none,
    unbalanced: false,
    commentFrom: undefined,
  };
  const asLine = (isComment: boolean) => TextLine.of(words, number, from, to, isComment, parts);
  if (content.startsWith("#")) return asLine(true);
  let read = readDelimited(content, 0);
  // An equals sign at the beginning is skipped, once.
  if (read.token?.value === "" && read.next !== undefined) read = readDelimited(content, read.next);
  // With a quote that is never closed in its keyword, sshd skips the line without a word.
  if (!read.token?.value || read.token.value.startsWith("#"))
    return asLine(words.text.slice(from, to).trimStart().startsWith("#"));
  parts.keyword = wordOf(physical, read.token);
  const { next } = read;
  if (next === undefined) return asLine(false);
  parts.rest = wordOf(physical, { value: content.slice(next), from: next, to: content.length });
  if (next >= content.length) return asLine(false);
  const found: Words = delimited
    ? splitDelimited(content, next, read.token.value.toLowerCase() !== "setenv")
    : splitArguments(content, next);
  for (const token of found.tokens) wordOf(physical, token);
  parts.args = found.tokens;
  parts.unbalanced = found.unbalanced;
  if (found.commentFrom !== undefined) parts.commentFrom = placeOf(physical, found.commentFrom);
  return asLine(false);
}
