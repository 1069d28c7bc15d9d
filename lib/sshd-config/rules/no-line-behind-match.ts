import { moveAbove } from "@/lib/sshd-config/rules/fixes";
import { findingAt, type Rule } from "@/lib/sshd-config/rules/rule";
import type { Visit } from "@/lib/sshd-config/walk";

const code = "no-line-behind-match";

const isIndented = (visit: Visit) => /^[ \t]/.test(visit.line.text);

/**
 * Lines that look as if a Match block had ended before them: it is indented, and they are not.
 *
 * Of those that may not stand in a block sshd itself says so.
 */
export const noLineBehindMatch: Rule = {
  code,
  severity: "warning",
  what: "A line that is not indented follows indented ones of a Match block.",
  why: "It belongs to the block all the same: it is in force for those the block is for alone.",
  find: ({ visits }) => {
    const blocks: { match: Visit; id: string; indented: boolean; outside: Visit[] }[] = [];
    for (const visit of visits) {
      if (visit.keyword.kind === "match") {
        const id = `${visit.path}:${visit.line.number}`;
        if (!isIndented(visit)) blocks.push({ match: visit, id, indented: false, outside: [] });
      } else if (visit.block !== undefined && !visit.active) {
        const block = blocks.at(-1);
        if (!block || block.id !== visit.block || block.match.path !== visit.path) continue;
        if (isIndented(visit)) block.indented = block.outside.length === 0;
        else if (block.indented) block.outside.push(visit);
      }
    }
    return blocks.flatMap(({ match, indented, outside }) => {
      const [first] = outside;
      if (!indented || !first) return [];
      return outside.map((visit) =>
        findingAt(visit, visit.line.keyword, "warning", code, {
          what: `This ${visit.keyword.name} belongs to the Match block of line ${match.line.number}.`,
          why: "Indentation does not end a block: it reaches to the next Match or to the end of the file.",
          advice: "Move the line above the first Match if it is meant for everyone; else indent it.",
          fix: visit === first ? moveAbove(outside, firstMatchOf(visits, match)) : undefined,
        }),
      );
    });
  },
};

function firstMatchOf(visits: readonly Visit[], match: Visit): Visit {
  return visits.find((visit) => visit.keyword.kind === "match" && visit.path === match.path) ?? match;
}
