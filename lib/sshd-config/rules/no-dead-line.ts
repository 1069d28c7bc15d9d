import type { Build } from "@/lib/sshd-config/build";
import type { Diagnostic } from "@/lib/sshd-config/diagnostic";
import { statusIn } from "@/lib/sshd-config/directives";
import { type Keyword, releaseNumber } from "@/lib/sshd-config/keyword";
import { removeLine } from "@/lib/sshd-config/rules/fixes";
import type { Rule } from "@/lib/sshd-config/rules/rule";
import type { Visit } from "@/lib/sshd-config/walk";

/**
 * Lines that have no effect because an earlier one of the same scope has set the keyword already.
 *
 * Two lines in two Match blocks are never dead to each other: both blocks may hold for different connections.
 */
export const noDeadLine: Rule = {
  code: "dead-line",
  severity: "warning",
  what: "A line sets what an earlier line of the same scope has set already.",
  why: "Of several lines sshd takes the first; what the later one says is not in force.",
  find: ({ visits, build }) => findDeadLines(visits, build),
};

function findDeadLines(visits: readonly Visit[], build: Build): Diagnostic[] {
  const found: Diagnostic[] = [];
  // A file may be read twice, in two scopes: its line is dead where it is so each time.
  const live = new Map<string, Set<number>>();
  // By block, then by keyword.
  const firsts = new Map<string | undefined, Map<Keyword, Visit>>();
  const wins = new Map<Keyword, boolean>();
  let block: string | undefined;
  let first = new Map<Keyword, Visit>();
  firsts.set(block, first);
  for (const visit of visits) {
    const { keyword, line, path } = visit;
    const counts = wins.get(keyword) ?? firstWins(keyword, build);
    wins.set(keyword, counts);
    if (!counts || !line.keyword) continue;
    if (visit.block !== block) {
      block = visit.block;
      first = firsts.get(block) ?? new Map<Keyword, Visit>();
      firsts.set(block, first);
    }
    const before = first.get(keyword);
    if (!before) {
      first.set(keyword, visit);
      const lines = live.get(path) ?? new Set<number>();
      live.set(path, lines.add(line.number));
      continue;
    }
    if (before.path === path && before.line.number === line.number) continue;
    const same = before.line.rest?.value === line.rest?.value;
    const place =
      before.path === path ? `line ${before.line.number}` : `${before.path} line ${before.line.number}`;
    found.push({
      severity: same ? "info" : "warning",
      code: "dead-line",
      path,
      line: line.number,
      from: line.keyword.from,
      to: line.args.at(-1)?.to ?? line.keyword.to,
      what: `This ${keyword.name} has no effect: ${place} has set it already.`,
      why: "Of several lines sshd takes the first, included files counted where the Include stands.",
      advice: same ? "Remove the line." : "Keep one of the two lines.",
      fix: removeLine(visit),
    });
  }
  return found.filter((diagnostic) => !live.get(diagnostic.path)?.has(diagnostic.line));
}

function firstWins(keyword: Keyword, build: Build): boolean {
  if (statusIn(keyword, build) !== "live") return false;
  if (keyword.lastWinsUntil) return build.release > releaseNumber(keyword.lastWinsUntil);
  return keyword.merge === "first" && keyword.kind !== "penalties" && keyword.kind !== "rekey-limit";
}
