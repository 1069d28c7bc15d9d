import type { Build } from "@/lib/sshd-config/build";
import { findKeyword } from "@/lib/sshd-config/directives";
import { expandInclude, includePattern, sourceOf } from "@/lib/sshd-config/include";
import type { ConfigFile, Line } from "@/lib/sshd-config/model";
import { parse } from "@/lib/sshd-config/parser";

/** One line of a file where sshd comes to read it. */
export interface WholeLine {
  path: string;
  /** In its file, as sshd counts, from 1. */
  line: number;
  /** Without its end. */
  text: string;
  /** How many Include lines lead here. */
  depth: number;
}

/** A stretch of lines of one file: from its beginning, or from behind an Include, to the next Include or its end. */
export interface WholePart {
  path: string;
  depth: number;
  /** The Include that reads the file; undefined for the main file. */
  includedFrom: { path: string; line: number } | undefined;
  /** The Match line in force where the file is included, as it is written; undefined outside of every block. */
  insideMatch: string | undefined;
  /** The file is taken up again behind an Include of it. */
  isContinued: boolean;
  lines: readonly WholeLine[];
}

/** All that sshd reads as one text, in its order. */
export interface WholeDocument {
  parts: readonly WholePart[];
  /** Files that more than one Include reads, by path. */
  repeated: ReadonlyMap<string, number>;
  /** Files of the tree that no Include reads. */
  unread: readonly string[];
  /** Words of Include lines that name no file. */
  empty: readonly { path: string; line: number; word: string }[];
  /** Files include each other without end, which sshd refuses; they are left out where they come again. */
  isCut: boolean;
}

/** As deep as sshd goes. */
const maxDepth = 16;
/** Sixteen files that each include the next one twice would be a text without end. */
const maxLines = 100_000;

/**
 * Puts the files of a tree together as sshd reads them: an included file behind the Include line that reads it, also in
 * Match blocks that do not hold for a connection.
 *
 * @param files the main file first
 */
export function assembleWhole(files: readonly ConfigFile[], build: Build): WholeDocument {
  const source = sourceOf(files);
  const parts: WholePart[] = [];
  const times = new Map<string, number>();
  const empty: { path: string; line: number; word: string }[] = [];
  let count = 0;
  let isCut = false;

  const read = (
    path: string,
    above: readonly string[],
    includedFrom: WholePart["includedFrom"],
    insideMatch: string | undefined,
  ) => {
    const depth = above.length;
    times.set(path, (times.get(path) ?? 0) + 1);
    let lines: WholeLine[] = [];
    let isContinued = false;
    let match = insideMatch;
    const close = () => {
      if (lines.length > 0 || !isContinued)
        parts.push({ path, depth, includedFrom, insideMatch, isContinued, lines });
      lines = [];
      isContinued = true;
    };
    for (const line of parse(source.read(path) ?? "", build).lines) {
      count++;
      // A NUL glues lines together for sshd; here they stay two.
      for (const text of line.text.replace(/\r?\n$/, "").split("\n"))
        lines.push({ path, line: line.number, text, depth });
      const kind = findKeyword(line.keyword?.value ?? "")?.kind;
      if (kind === "match") match = line.content;
      if (kind !== "include") continue;
      const found = includedBy(line, path);
      const isTooMuch = depth >= maxDepth || count > maxLines;
      const readable = isTooMuch ? [] : found.filter((one) => one !== path && !above.includes(one));
      if (readable.length < found.length) isCut = true;
      if (readable.length === 0) continue;
      close();
      for (const next of readable) read(next, [...above, path], { path, line: line.number }, match);
    }
    close();
  };

  const includedBy = (line: Line, path: string): string[] =>
    line.args.flatMap(({ value }) => {
      if (value === "") return [];
      const found = expandInclude(
        includePattern(value, line.keyword?.value ?? "", build.release),
        source,
      ).filter((one) => files.some((file) => file.path === one));
      if (found.length === 0) empty.push({ path, line: line.number, word: value });
      return found;
    });

  const main = files[0];
  if (main) read(main.path, [], undefined, undefined);
  return {
    parts,
    repeated: new Map([...times].filter(([, number]) => number > 1)),
    unread: files.map(({ path }) => path).filter((path) => !times.has(path)),
    empty,
    isCut,
  };
}
