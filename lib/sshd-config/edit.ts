import type { Build } from "@/lib/sshd-config/build";
import { findKeyword, resolveAlias } from "@/lib/sshd-config/directives";
import { decidingLines, visitDirectives } from "@/lib/sshd-config/global-lines";
import { type ConfigFile, type DirectiveLine, isDirective, type Line } from "@/lib/sshd-config/model";
import { parse, print } from "@/lib/sshd-config/parser";

/** What an edit yields: the tree with one file changed, or why it was refused. */
export type Edited = { files: ConfigFile[]; refused?: undefined } | { files?: undefined; refused: string };

/** Kinds whose value sshd takes as it stands; quoting it would change it. */
const rawKinds = new Set(["raw", "command", "subsystem"]);

/**
 * One line of configuration for these arguments, quoted where sshd needs it.
 *
 * @param args for directives that take the rest of the line: that text as the only argument
 * @returns undefined when it cannot be written: a control character, an empty or unwritable word for this version
 */
export function writeDirective(keyword: string, args: readonly string[], build: Build): string | undefined {
  if (!/^[A-Za-z0-9]+$/.test(keyword) || args.length === 0) return undefined;
  if (args.some((a) => /[\u0000-\u001f\u007f]/.test(a))) return undefined;
  if (rawKinds.has(findKeyword(keyword)?.kind ?? "")) {
    const line = `${keyword} ${args.join(" ")}`;
    const written = parse(line, build).lines[0];
    // Balanced quotes are demanded even where the text is taken as it stands; before 8.7 a # cuts the line.
    return written && !written.unbalanced && written.content === line ? line : undefined;
  }
  const words = args.map((a) => quote(a, build));
  const line = `${keyword} ${words.join(" ")}`;
  const read = parse(line, build).lines[0]?.args.map((w) => w.value) ?? [];
  return read.length === args.length && read.every((value, i) => value === args[i]) ? line : undefined;
}

function quote(word: string, build: Build): string {
  if (build.release < 807) return /[\s=]/.test(word) || word === "" ? `"${word}"` : word;
  if (word !== "" && !/[\s"'\\]|^#/.test(word)) return word;
  return `"${word.replace(/["\\]/g, "\\$&")}"`;
}

function isKeyword(line: Line, keyword: string, build: Build): boolean {
  if (!line.keyword) return false;
  const same = (name: string) => {
    const entry = findKeyword(name);
    return (entry ? resolveAlias(entry, build).name : name).toLowerCase();
  };
  return same(line.keyword.value) === same(keyword);
}

/** The lines of one file outside every Match block, with their index. */
function globalLines(lines: readonly Line[]): { line: Line; index: number }[] {
  const first = lines.findIndex((l) => l.keyword?.value.toLowerCase() === "match");
  return lines.slice(0, first < 0 ? lines.length : first).map((line, index) => ({ line, index }));
}

/**
 * Adds a global directive to the main file, before its first Match block: behind the last line of the same
 * keyword, else behind the comment that shows it ("#Banner none"), else behind the last global directive.
 *
 * A new line at the end of a file would belong to its last Match block.
 */
export function addDirective(
  files: readonly ConfigFile[],
  keyword: string,
  args: readonly string[],
  build: Build,
): Edited {
  const main = files[0];
  const written = writeDirective(keyword, args, build);
  if (!main) return { refused: "There is no file to edit." };
  if (written === undefined) return { refused: unwritable(keyword) };
  const lines = parse(main.text, build).lines;
  const globals = globalLines(lines);
  const shown = new RegExp(`^#${keyword}(?:[ \\t=]|$)`, "i");
  const after =
    globals.findLast(({ line }) => isKeyword(line, keyword, build)) ??
    globals.findLast(({ line }) => line.kind === "comment" && shown.test(line.text)) ??
    globals.findLast(({ line }) => line.kind === "directive");
  const at = after ? after.index + 1 : beforeFirstMatch(lines);
  return { files: replaceMain(files, insertLine(lines, at, written)) };
}

/** Where a file without global directives takes its first: above the comment that heads the first Match block. */
function beforeFirstMatch(lines: readonly Line[]): number {
  let at = lines.findIndex((l) => l.keyword?.value.toLowerCase() === "match");
  if (at < 0) return lines.length;
  while (at > 0 && lines[at - 1]!.kind === "comment") at--;
  return at;
}

/**
 * Makes a global directive hold one value: the line that counts, in whatever file it stands, takes it; without one
 * the directive is added to the main file.
 *
 * Other lines of the same keyword stay: they had no effect before and have none now. For keywords that
 * accumulate, use `addDirective` and `removeDirective`.
 */
export function setDirective(
  files: readonly ConfigFile[],
  keyword: string,
  args: readonly string[],
  build: Build,
): Edited {
  const entry = findKeyword(keyword);
  const line = entry && decidingLines(visitDirectives(files, build), resolveAlias(entry, build), build)[0];
  if (!line) return addDirective(files, keyword, args, build);
  return writeArguments(files, line, args, build);
}

/** A line by its file and its number, as sshd counts. */
export interface Place {
  path: string;
  line: { number: number };
}

interface FoundLine {
  file: ConfigFile;
  lines: readonly Line[];
  line: DirectiveLine;
}

/** The directive at a place; undefined where there is none. */
function findLine(files: readonly ConfigFile[], place: Place, build: Build): FoundLine | undefined {
  const file = files.find(({ path }) => path === place.path);
  if (!file) return undefined;
  const { lines } = parse(file.text, build);
  const line = lines[place.line.number - 1];
  return line && isDirective(line) ? { file, lines, line } : undefined;
}

/** Gives one line other arguments. Its keyword, its spacing and the comment behind it stay as they are. */
export function writeArguments(
  files: readonly ConfigFile[],
  place: Place,
  args: readonly string[],
  build: Build,
): Edited {
  const found = findLine(files, place, build);
  if (!found) return { refused: "There is no such line to edit." };
  const { file, lines, line } = found;
  const written = writeDirective(line.keyword.value, args, build);
  if (written === undefined) return { refused: unwritable(line.keyword.value) };
  const text = respaced(line, args, build) ?? rewrite(line, written);
  return { files: replaceLine(files, file, lines, line, text) };
}

/** Adds a line of the same keyword and indentation below one that is there. */
export function addDirectiveBelow(
  files: readonly ConfigFile[],
  place: Place,
  args: readonly string[],
  build: Build,
): Edited {
  const found = findLine(files, place, build);
  if (!found) return { refused: "There is no such line to add to." };
  const { file, lines, line } = found;
  const written = writeDirective(line.keyword.value, args, build);
  if (written === undefined) return { refused: unwritable(line.keyword.value) };
  const indent = /^[ \t]*/.exec(line.text)?.[0] ?? "";
  const text = insertLine(lines, place.line.number, `${indent}${written}`);
  return { files: files.map((one) => (one === file ? { ...one, text } : one)) };
}

/**
 * Takes one line out of its file. A line with a comment behind it is only commented out: somebody wrote that for
 * others to read.
 */
export function removeLine(files: readonly ConfigFile[], place: Place, build: Build): Edited {
  const found = findLine(files, place, build);
  if (!found) return { refused: "There is no such line to remove." };
  const { file, lines, line } = found;
  const hasComment = line.commentFrom !== undefined || /\s#/.test(line.text.slice(line.content.length));
  const text = hasComment ? line.text.replace(/^[ \t]*/, (blanks) => `${blanks}#`) : "";
  return { files: replaceLine(files, file, lines, line, text) };
}

function replaceLine(
  files: readonly ConfigFile[],
  file: ConfigFile,
  lines: readonly Line[],
  line: Line,
  text: string,
): ConfigFile[] {
  const next = lines.map((one) => (one === line ? text : one.text)).join("");
  return files.map((one) => (one === file ? { ...one, text: next } : one));
}

/** The line with its words replaced where they stand; undefined when it would not read back so. */
function respaced(line: Line, args: readonly string[], build: Build): string | undefined {
  const isRaw = rawKinds.has(findKeyword(line.keyword?.value ?? "")?.kind ?? "");
  const words = isRaw && line.rest ? [line.rest] : line.args;
  const first = words[0];
  const last = words.at(-1);
  if (!first || !last || line.unbalanced) return undefined;
  const quoted = isRaw ? args : args.map((word) => quote(word, build));
  const spans = words.length === args.length ? words : [{ value: undefined, from: first.from, to: last.to }];
  const inserts = words.length === args.length ? quoted : [quoted.join(" ")];
  let { text } = line;
  for (const [i, { value, from, to }] of [...spans.entries()].reverse()) {
    if (value === args[i]) continue;
    text = `${text.slice(0, from - line.from)}${inserts[i] ?? ""}${text.slice(to - line.from)}`;
  }
  const [read, ...more] = parse(text, build).lines;
  if (!read || more.length > 0 || read.unbalanced) return undefined;
  const values = isRaw ? [read.rest?.value ?? ""] : read.args.map((word) => word.value);
  return values.length === args.length && values.every((value, i) => value === args[i]) ? text : undefined;
}

/** Removes every global line of the keyword from the tree; lines inside Match blocks stay. */
export function removeDirective(files: readonly ConfigFile[], keyword: string, build: Build): Edited {
  const kept = files.map((file) => {
    const lines = parse(file.text, build).lines;
    const gone = new Set(
      globalLines(lines)
        .filter(({ line }) => isKeyword(line, keyword, build))
        .map(({ line }) => line),
    );
    return gone.size === 0 ? file : { ...file, text: print({ lines: lines.filter((l) => !gone.has(l)) }) };
  });
  return { files: kept };
}

/** The same line with other words; indentation, a comment behind it and the line end stay. */
function rewrite(line: Line, written: string): string {
  const indent = /^[ \t]*/.exec(line.text)?.[0] ?? "";
  const end = /\r?\n?$/.exec(line.text)?.[0] ?? "";
  const comment =
    line.commentFrom === undefined ? "" : ` ${line.text.slice(line.commentFrom - line.from).trimEnd()}`;
  return `${indent}${written}${comment}${end}`;
}

function insertLine(lines: readonly Line[], at: number, written: string): string {
  const end = lines.some((l) => l.text.endsWith("\r\n")) ? "\r\n" : "\n";
  const before = lines
    .slice(0, at)
    .map((l) => l.text)
    .join("");
  const gap = before !== "" && !before.endsWith("\n") ? end : "";
  return `${before}${gap}${written}${end}${lines
    .slice(at)
    .map((l) => l.text)
    .join("")}`;
}

function replaceMain(files: readonly ConfigFile[], text: string): ConfigFile[] {
  return files.map((file, i) => (i === 0 ? { ...file, text } : file));
}

function unwritable(keyword: string): string {
  return `${keyword} cannot be written with this value: it is empty, has a control character, or quotes that this version of sshd cannot read. Change the value.`;
}
