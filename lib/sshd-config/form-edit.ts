import type { Build } from "@/lib/sshd-config/build";
import type { Diagnostic } from "@/lib/sshd-config/diagnostic";
import {
  addDirective,
  addDirectiveBelow,
  type Edited,
  removeLine,
  writeArguments,
} from "@/lib/sshd-config/edit";
import { decidingLines, globalLines, visitDirectives } from "@/lib/sshd-config/global-lines";
import type { Keyword } from "@/lib/sshd-config/keyword";
import type { ConfigFile } from "@/lib/sshd-config/model";
import { parse } from "@/lib/sshd-config/parser";
import { findRefusals } from "@/lib/sshd-config/validate";
import type { Visit } from "@/lib/sshd-config/walk";

/** Directives whose every line holds one value. */
const oneEach = new Set(["Port", "ListenAddress"]);

/**
 * Writes a directive of the form into the text, for everyone, where its value is decided.
 *
 * Only what must change does: the words of a line that is there, a line taken out, or a new line before the first
 * Match block of the main file.
 *
 * @param value the arguments as one would write them in the file; empty goes back to the default
 * @returns the tree, possibly with several files changed; or why it was refused
 */
export function writeForm(
  files: readonly ConfigFile[],
  keyword: Keyword,
  value: string,
  build: Build,
): Edited {
  const visits = visitDirectives(files, build);
  const words = readWords(keyword, value.trim(), build);
  if (!words) {
    return {
      refused: `${keyword.name} cannot take this: close every quote, and leave out line breaks and comments.`,
    };
  }
  const edited =
    words.length === 0
      ? removeLines(files, globalLines(visits, keyword), build)
      : writeWords(files, keyword, decidingLines(visits, keyword, build), words, build);
  if (edited.refused !== undefined) return edited;
  const refusal = findNewRefusal(files, edited.files, build);
  if (refusal) return { refused: `${refusal.what} ${refusal.advice}` };
  if (words.length === 0 || reads(edited.files, keyword, words, build)) return edited;
  return {
    refused: `sshd would not come to read ${keyword.name} here: files include each other without end. Mend the Include lines first.`,
  };
}

/**
 * A refusal of AuthenticationMethods that a write brings about: in the form nobody looks at the text again, and sshd
 * would not start. It may come from another directive: one that switches off the method of the only list.
 */
function findNewRefusal(
  before: readonly ConfigFile[],
  after: readonly ConfigFile[],
  build: Build,
): Diagnostic | undefined {
  const refusals = findRefusals(after, build).filter(isAboutMethods);
  if (refusals.length === 0) return undefined;
  const known = new Set(findRefusals(before, build).map(({ what }) => what));
  return refusals.find(({ what }) => !known.has(what));
}

function isAboutMethods({ code, what }: Diagnostic): boolean {
  return code === "unsatisfiable" || what.includes("AuthenticationMethods");
}

function writeWords(
  files: readonly ConfigFile[],
  keyword: Keyword,
  places: readonly Visit[],
  words: readonly string[],
  build: Build,
): Edited {
  if (keyword.merge === "accumulate") return writeList(files, keyword, places, words, build);
  const [place] = places;
  return place ? writeArguments(files, place, words, build) : addDirective(files, keyword.name, words, build);
}

/** Do these words count for everyone? */
function reads(
  files: readonly ConfigFile[],
  keyword: Keyword,
  words: readonly string[],
  build: Build,
): boolean {
  const read = decidingLines(visitDirectives(files, build), keyword, build).flatMap(({ line }) =>
    line.args.map(({ value }) => value),
  );
  return read.length === words.length && read.every((word, i) => word === words[i]);
}

/** The arguments that a person has typed; undefined when sshd would not read them as such. */
function readWords(keyword: Keyword, text: string, build: Build): readonly string[] | undefined {
  if (text === "") return [];
  const [line, ...more] = parse(`${keyword.name} ${text}`, build).lines;
  if (!line || more.length > 0 || line.unbalanced || line.commentFrom !== undefined) return undefined;
  // Up to 8.6 a comment is cut off before anything else is looked at.
  if (line.content !== `${keyword.name} ${text}`) return undefined;
  return line.args.map((word) => word.value);
}

/** Back to the default: a later line that had no effect would have one now, so all global lines go. */
function removeLines(files: readonly ConfigFile[], lines: readonly Visit[], build: Build): Edited {
  let left = [...files];
  // From the end: a line that is gone moves those behind it.
  for (const place of inReverse(lines)) {
    const edited = removeLine(left, place, build);
    if (edited.refused !== undefined) return edited;
    left = edited.files;
  }
  return { files: left };
}

/** One word of the list, and the line that holds it. */
interface Item {
  word: string;
  place: Visit;
}

/**
 * Writes a list that lines add to: words that stay keep their lines, others are replaced one by one, and what is
 * left over is taken out or added behind.
 */
function writeList(
  files: readonly ConfigFile[],
  keyword: Keyword,
  places: readonly Visit[],
  words: readonly string[],
  build: Build,
): Edited {
  const old = places.flatMap((place) => place.line.args.map(({ value: word }): Item => ({ word, place })));
  let head = 0;
  while (head < old.length && head < words.length && old[head]?.word === words[head]) head++;
  let tail = 0;
  while (tail < Math.min(old.length, words.length) - head && old.at(-1 - tail)?.word === words.at(-1 - tail))
    tail++;
  const middle = words.slice(head, words.length - tail);
  const replaced = old.slice(head, old.length - tail);
  const target = new Map(places.map((place): [Visit, string[]] => [place, []]));
  const put = ({ word, place }: Item) => target.get(place)?.push(word);
  old.slice(0, head).forEach(put);
  middle.slice(0, replaced.length).forEach((word, i) => {
    const place = replaced[i]?.place;
    if (place) put({ word, place });
  });
  // What is added stands behind the word before it, else before the word behind it.
  const more = middle.slice(replaced.length);
  const beside = (replaced.at(-1) ?? old[head - 1] ?? old[0])?.place;
  const ownLines = oneEach.has(keyword.name);
  if (beside && !ownLines) for (const word of more) put({ word, place: beside });
  old.slice(old.length - tail).forEach(put);
  const edited = writeLines(files, target, build);
  if (edited.refused !== undefined || more.length === 0 || (beside && !ownLines)) return edited;
  const lines = ownLines ? more.map((word) => [word]) : [more];
  return addLines(edited.files, keyword, beside, lines, build);
}

/** Gives each line its words; a line without any is taken out. */
function writeLines(
  files: readonly ConfigFile[],
  target: ReadonlyMap<Visit, readonly string[]>,
  build: Build,
): Edited {
  let left = [...files];
  for (const place of inReverse([...target.keys()])) {
    const words = target.get(place) ?? [];
    const before = place.line.args.map((word) => word.value);
    if (words.length === before.length && words.every((word, i) => word === before[i])) continue;
    const edited =
      words.length === 0 ? removeLine(left, place, build) : writeArguments(left, place, words, build);
    if (edited.refused !== undefined) return edited;
    left = edited.files;
  }
  return { files: left };
}

/** Adds lines behind one of the same keyword, or where a new directive belongs. */
function addLines(
  files: readonly ConfigFile[],
  keyword: Keyword,
  beside: Visit | undefined,
  lines: readonly (readonly string[])[],
  build: Build,
): Edited {
  let left = [...files];
  for (const words of beside ? [...lines].reverse() : lines) {
    const edited = beside
      ? addDirectiveBelow(left, beside, words, build)
      : addDirective(left, keyword.name, words, build);
    if (edited.refused !== undefined) return edited;
    left = edited.files;
  }
  return { files: left };
}

/** The last line of each file first. */
function inReverse(lines: readonly Visit[]): readonly Visit[] {
  return [...lines].sort((a, b) => b.line.number - a.line.number);
}
