import type { Diagnostic } from "@/lib/sshd-config/diagnostic";
import { moveAbove } from "@/lib/sshd-config/rules/fixes";
import { findingAt, type Rule } from "@/lib/sshd-config/rules/rule";
import type { Visit } from "@/lib/sshd-config/walk";

const code = "no-line-behind-match";

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
    const found: Diagnostic[] = [];
    let match: Visit | undefined;
    let id = "";
    let indented = false;
    let outside: Visit[] = [];
    const close = () => {
      if (!match || !indented || outside.length === 0) return;
      // Not by push(...): a block may have more lines than a call takes arguments.
      for (const one of tellOutside(match, outside, visits)) found.push(one);
      outside = [];
    };
    for (const visit of visits) {
      if (visit.keyword.kind === "match") {
        if (visit.line.isIndented) continue;
        close();
        match = visit;
        id = `${visit.path}:${visit.line.number}`;
        indented = false;
        outside = [];
      } else if (match && visit.block !== undefined && !visit.active) {
        if (id !== visit.block || match.path !== visit.path) continue;
        if (visit.line.isIndented) indented = outside.length === 0;
        else if (indented) outside.push(visit);
      }
    }
    close();
    return found;
  },
};

function tellOutside(match: Visit, outside: readonly Visit[], visits: readonly Visit[]): Diagnostic[] {
  return outside.map((visit, i) =>
    findingAt(visit, visit.line.keyword, "warning", code, {
      what: `This ${visit.keyword.name} belongs to the Match block of line ${match.line.number}.`,
      why: "Indentation does not end a block: it reaches to the next Match or to the end of the file.",
      advice: "Move the line above the first Match if it is meant for everyone; else indent it.",
      fix: i === 0 ? moveAbove(outside, firstMatchOf(visits, match)) : undefined,
    }),
  );
}

function firstMatchOf(visits: readonly Visit[], match: Visit): Visit {
  return visits.find((visit) => visit.keyword.kind === "match" && visit.path === match.path) ?? match;
}
