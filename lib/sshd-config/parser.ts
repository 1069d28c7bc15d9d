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
  let at = 0;
  while (at < text.length) {
    const physical = readPhysical(text, at, lines.length + 1, build.release < 807);
    lines.push(split(physical, build.release < 807));
    at += physical.text.length;
  }
  return { lines };
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
function readPhysical(text: string, from: number, number: number, cutsComments: boolean): Physical {
  const stretches: [number, number][] = [];
  let content = "";
  let at = from;
  for (;;) {
    const end = text.indexOf("\n", at);
    const next = end < 0 ? text.length : end + 1;
    const nul = text.indexOf("\0", at);
    const cut = nul >= 0 && nul < next ? nul : next;
    let start = at;
    while (start < cut && (text[start] === " " || text[start] === "\t" || text[start] === "\r")) start++;
    const hash = cutsComments ? text.indexOf("#", at) : -1;
    stretches.push([content.length, start]);
    if (hash >= 0 && hash < cut) {
      // The comment goes and a line end is put in its place, so nothing is glued on.
      content += text.slice(start, Math.max(start, hash));
      return finish(next);
    }
    if (cut === next) {
      content += text.slice(start, next);
      return finish(next);
    }
    content += text.slice(start, cut);
    if (next >= text.length) return finish(next);
    at = next;
  }

  function finish(next: number): Physical {
    let to = next;
    if (text[to - 1] === "\n") to--;
    return { number, text: text.slice(from, next), from, to, content: trimEnd(content), stretches };
  }
}

/** Without white space and form feeds at the end; the first character always stays. */
function trimEnd(line: string): string {
  const body = line.endsWith("\n") ? line.slice(0, -1) : line;
  let end = body.length;
  while (end > 1 && " \t\r\n\f".includes(body[end - 1]!)) end--;
  return body.slice(0, end);
}

function split(physical: Physical, delimited: boolean): Line {
  const { content, stretches } = physical;
  const place = (index: number) => {
    const stretch = stretches.findLast(([start]) => start <= index) ?? stretches[0]!;
    return Math.min(stretch[1] + index - stretch[0], physical.to);
  };
  const word = (token: Token): Word => ({ value: token.value, from: place(token.from), to: place(token.to) });
  const base = {
    number: physical.number,
    text: physical.text,
    from: physical.from,
    to: physical.to,
    content,
    args: [],
    unbalanced: false,
  };
  let read = readDelimited(content, 0);
  if (content === "" || (!read.token && !content.startsWith("#"))) {
    // An unclosed quote in the keyword makes sshd skip the line without a word.
    return { ...base, kind: physical.text.trimStart().startsWith("#") ? "comment" : "blank" };
  }
  if (read.token?.value === "" && read.next !== undefined) read = readDelimited(content, read.next);
  if (!read.token || read.token.value === "" || read.token.value.startsWith("#") || content.startsWith("#")) {
    return { ...base, kind: content.startsWith("#") ? "comment" : "blank" };
  }
  const keyword = word(read.token);
  if (read.next === undefined || read.next >= content.length) {
    return {
      ...base,
      kind: "directive",
      keyword,
      ...(read.next !== undefined && { rest: word({ value: "", from: content.length, to: content.length }) }),
    };
  }
  const words: Words = delimited
    ? splitDelimited(content, read.next, read.token.value.toLowerCase() !== "setenv")
    : splitArguments(content, read.next);
  return {
    ...base,
    kind: "directive",
    keyword,
    rest: word({ value: content.slice(read.next), from: read.next, to: content.length }),
    args: words.tokens.map(word),
    unbalanced: words.unbalanced,
    ...(words.commentFrom !== undefined && { commentFrom: place(words.commentFrom) }),
  };
}
