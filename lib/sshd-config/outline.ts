import type { Build } from "@/lib/sshd-config/build";
import { expandInclude, includePattern, sourceOf } from "@/lib/sshd-config/include";
import type { ConfigFile, Line } from "@/lib/sshd-config/model";
import { parse } from "@/lib/sshd-config/parser";

/** One part of a file: what holds for everybody, one Match block, or one Include line inside either. */
export interface OutlineEntry {
  kind: "global" | "match" | "include";
  /** "For every connection", or the line as it is written, without a comment. */
  title: string;
  /** Where it begins, from 1. */
  line: number;
  /** Offsets of its whole lines: a block reaches to the next Match or the end of the file, `to` excluded. */
  from: number;
  to: number;
  /** Directives in it, those of included files not counted. */
  directives: number;
  /** For an Include: the files that it reads, in order; empty when none is there. */
  files: readonly string[];
}

/**
 * The parts of one file in their order, an Include right behind the block that it stands in.
 *
 * @param files the whole tree, to tell which files an Include reads
 * @returns empty for a file that has no directives
 */
export function outlineOf(file: ConfigFile, files: readonly ConfigFile[], build: Build): OutlineEntry[] {
  const source = sourceOf(files);
  const entries: OutlineEntry[] = [];
  let block: OutlineEntry | undefined;
  for (const line of parse(file.text, build).lines) {
    if (!line.keyword) continue;
    const name = line.keyword.value.toLowerCase();
    if (name === "match") {
      if (block) block.to = line.from;
      block = startEntry("match", titleOf(line), line, file.text.length);
      entries.push(block);
      continue;
    }
    if (!block) {
      block = { ...startEntry("global", "For every connection", line, file.text.length), line: 1, from: 0 };
      entries.push(block);
    }
    block.directives++;
    if (name !== "include") continue;
    const { value: spelled } = line.keyword;
    const patterns = line.args.map((word) => includePattern(word.value, spelled, build.release));
    entries.push({
      ...startEntry("include", titleOf(line), line, line.from + line.text.length),
      files: patterns.flatMap((pattern) => expandInclude(pattern, source)),
    });
  }
  return entries;
}

function startEntry(kind: OutlineEntry["kind"], title: string, line: Line, to: number): OutlineEntry {
  return { kind, title, line: line.number, from: line.from, to, directives: 0, files: [] };
}

/** The line as it is written, blanks around it and a comment behind it left out. */
function titleOf(line: Line): string {
  const end = line.commentFrom === undefined ? undefined : line.commentFrom - line.from;
  return line.text.slice(0, end).trim();
}
