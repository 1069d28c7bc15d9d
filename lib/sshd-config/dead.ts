import type { Build } from "@/lib/sshd-config/build";
import { criteriaOf } from "@/lib/sshd-config/criteria";
import type { Diagnostic } from "@/lib/sshd-config/diagnostic";
import { expandInclude, includePattern, sourceOf } from "@/lib/sshd-config/include";
import type { ConfigFile, Line } from "@/lib/sshd-config/model";
import { parse } from "@/lib/sshd-config/parser";
import { matchPatternList } from "@/lib/sshd-config/pattern";

/** Lines that never take effect. */
export interface DeadStretch {
  path: string;
  /** Offsets from the beginning of the first line to the end of the last, line end excluded. */
  from: number;
  to: number;
  /** One sentence: why. */
  reason: string;
  /** Is there a diagnostic on it that says so as well? */
  diagnosed: boolean;
}

/** Diagnostics that say of their line that it has no effect. */
const deadCodes: ReadonlySet<string> = new Set(["dead-line", "no-effect"]);

/**
 * Every line of the tree of which is certain that it never takes effect: what a diagnostic says of it, Match blocks
 * that no connection fulfils, and Include lines that no file of the tree answers to.
 *
 * @param diagnostics those of the same files
 * @returns in the order of the files; stretches of one file may lie in each other
 */
export function findDeadStretches(
  files: readonly ConfigFile[],
  diagnostics: readonly Diagnostic[],
  build: Build,
): DeadStretch[] {
  const source = sourceOf(files);
  return files.flatMap((file) => {
    const { lines } = parse(file.text, build);
    const found: DeadStretch[] = [];
    for (const diagnostic of diagnostics) {
      const line = lines[diagnostic.line - 1];
      if (diagnostic.path !== file.path || !deadCodes.has(diagnostic.code) || !line) continue;
      found.push({ path: file.path, from: line.from, to: line.to, reason: diagnostic.what, diagnosed: true });
    }
    for (const [index, line] of lines.entries()) {
      const name = line.keyword?.value.toLowerCase();
      if (name === "match") {
        const reason = whyNeverFulfilled(line);
        if (reason === undefined) continue;
        const to = endOfBlock(lines, index).to;
        found.push({ path: file.path, from: line.from, to, reason, diagnosed: false });
      } else if (name === "include" && line.args.length > 0) {
        const spelled = line.keyword?.value ?? "";
        const patterns = line.args.map((word) => includePattern(word.value, spelled, build.release));
        if (patterns.some((pattern) => expandInclude(pattern, source).length > 0)) continue;
        const reason = "Nothing is read here now: no file answers to this name.";
        found.push({ path: file.path, from: line.from, to: line.to, reason, diagnosed: false });
      }
    }
    return found;
  });
}

/** The last line of a block that says something. */
function endOfBlock(lines: readonly Line[], match: number): Line {
  let last = lines[match]!;
  for (const line of lines.slice(match + 1)) {
    if (line.keyword?.value.toLowerCase() === "match") break;
    if (line.kind !== "blank") last = line;
  }
  return last;
}

/** Criteria whose value is a list of patterns or addresses: a list that only excludes matches nothing. */
const listCriteria: ReadonlySet<string> = new Set([
  "user",
  "group",
  "host",
  "address",
  "localaddress",
  "rdomain",
]);

/**
 * Why no connection at all fulfils the criteria of a Match line; undefined when one may.
 *
 * @see OpenSSH match.c:match_pattern_list
 */
export function whyNeverFulfilled(line: Line): string | undefined {
  const users: string[] = [];
  for (const { name, value } of criteriaOf(line)) {
    if (!listCriteria.has(name) || value === "") continue;
    if (value.split(",").every((item) => item.startsWith("!")))
      return `Never holds: a list that only excludes ("${value}") matches nobody. Begin it with *, as in "*,${value}".`;
    if (name === "user") users.push(value);
  }
  const [first, ...others] = users;
  if (first === undefined || /[*?!]/.test(first)) return undefined;
  const both = first
    .split(",")
    .some((account) => others.every((list) => matchPatternList(account, list) === 1));
  return both ? undefined : `Never holds: no account is in "${users.join('" and in "')}" at once.`;
}
