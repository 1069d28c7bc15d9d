import type { Build } from "@/lib/sshd-config/build";
import type { Diagnostic } from "@/lib/sshd-config/diagnostic";
import { keywords, statusIn } from "@/lib/sshd-config/directives";
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
  const wins = keywords.map((keyword) => firstWins(keyword, build));
  const dead: { visit: Visit; before: Visit }[] = [];
  // By block the first line of each keyword. There are few of them, and thousands of blocks.
  const firsts = new Map<string | undefined, Visit[]>();
  let block: string | undefined;
  let first: Visit[] = [];
  firsts.set(block, first);
  for (const visit of visits) {
    const { keyword } = visit;
    if (!wins[keyword.id]) continue;
    if (visit.block !== block) {
      block = visit.block;
      first = firsts.get(block) ?? [];
      firsts.set(block, first);
    }
    let before: Visit | undefined;
    for (let i = 0; i < first.length && !before; i++) if (first[i]?.keyword === keyword) before = first[i];
    if (!before) first.push(visit);
    else if (before.path !== visit.path || before.line.number !== visit.line.number)
      dead.push({ visit, before });
  }
  if (dead.length === 0) return [];
  // A file may be read twice, in two scopes: its line is dead where it is so each time.
  const live = new Map<string, Set<number>>();
  for (const { path, line } of [...firsts.values()].flat()) {
    const lines = live.get(path) ?? new Set<number>();
    live.set(path, lines.add(line.number));
  }
  return dead.flatMap(({ visit, before }) =>
    live.get(visit.path)?.has(visit.line.number) ? [] : [findingOf(visit, before)],
  );
}

function findingOf(visit: Visit, before: Visit): Diagnostic {
  const { keyword, line, path } = visit;
  const same = before.line.restText === line.restText;
  const place =
    before.path === path ? `line ${before.line.number}` : `${before.path} line ${before.line.number}`;
  const { from, to } = line.keyword ?? line;
  return {
    severity: same ? "info" : "warning",
    code: "dead-line",
    path,
    line: line.number,
    from,
    to: line.args.at(-1)?.to ?? to,
    what: `This ${keyword.name} has no effect: ${place} has set it already.`,
    why: "Of several lines sshd takes the first, included files counted where the Include stands.",
    advice: same ? "Remove the line." : "Keep one of the two lines.",
    fix: removeLine(visit),
  };
}

function firstWins(keyword: Keyword, build: Build): boolean {
  if (statusIn(keyword, build) !== "live") return false;
  if (keyword.lastWinsUntil) return build.release > releaseNumber(keyword.lastWinsUntil);
  return keyword.merge === "first" && keyword.kind !== "penalties" && keyword.kind !== "rekey-limit";
}
