import type { Build } from "@/lib/sshd-config/build";
import type { Diagnostic } from "@/lib/sshd-config/diagnostic";
import type { ConfigFile, Line } from "@/lib/sshd-config/model";
import { parse } from "@/lib/sshd-config/parser";

/** Lines that never take effect. */
export interface DeadStretch {
  path: string;
  /** Offsets from the beginning of the first line to the end of the last, line end excluded. */
  from: number;
  to: number;
  /** One sentence: why; undefined where a diagnostic of the very line says it. */
  reason: string | undefined;
}

/** Diagnostics that say of their line that it has no effect. */
const ofLines: ReadonlySet<string> = new Set([
  "dead-line",
  "no-effect",
  "no-ignored-directive",
  "no-missing-include",
]);

/** Diagnostics that say of their Match line that its block has none. */
const ofBlocks: ReadonlySet<string> = new Set(["no-idle-match"]);

/**
 * Every line of which the diagnostics say that it never takes effect: by itself, or with the block that it stands in.
 *
 * @param diagnostics those of the same files and the same build
 * @returns in the order of the diagnostics
 */
export function findDeadStretches(
  files: readonly ConfigFile[],
  diagnostics: readonly Diagnostic[],
  build: Build,
): DeadStretch[] {
  const telling = diagnostics.filter(({ code }) => ofLines.has(code) || ofBlocks.has(code));
  const documents = new Map(
    files
      .filter(({ path }) => telling.some((one) => one.path === path))
      .map(({ path, text }) => [path, parse(text, build).lines]),
  );
  return telling.flatMap(({ path, line: number, code, what }) => {
    const lines = documents.get(path) ?? [];
    const line = lines[number - 1];
    if (!line) return [];
    const found: DeadStretch[] = [{ path, from: line.from, to: line.to, reason: undefined }];
    const last = ofBlocks.has(code) ? endOfBlock(lines, number - 1) : line;
    const next = lines[number];
    if (last !== line && next)
      found.push({ path, from: next.from, to: last.to, reason: `Never takes effect. ${what}` });
    return found;
  });
}

/** The last line of a block that says something; the Match line itself when none does. */
function endOfBlock(lines: readonly Line[], match: number): Line {
  let last = lines[match]!;
  for (const line of lines.slice(match + 1)) {
    if (line.keyword?.value.toLowerCase() === "match") break;
    if (line.kind === "directive") last = line;
  }
  return last;
}
