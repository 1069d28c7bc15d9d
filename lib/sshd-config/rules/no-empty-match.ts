import { findingAt, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-empty-match";

/** A Match line with nothing to do. */
export const noEmptyMatch: Rule = {
  code,
  severity: "info",
  what: "A Match block has no directive.",
  why: "It does nothing, but lines that are added at the end of the file fall into it.",
  find: ({ of, visits, files, build }) => {
    const filled = new Set(visits.map((visit) => visit.keyword.kind !== "match" && visit.block));
    return of("Match").flatMap((visit) => {
      if (filled.has(`${visit.path}:${visit.line.number}`)) return [];
      // A line that sshd refuses is in the block all the same.
      const text = files.find((file) => file.path === visit.path)?.text ?? "";
      const next = text
        .slice(visit.line.from + visit.line.text.length)
        .split("\n")
        .find((line) => !/^\s*(?:#|$)/.test(line));
      if (next !== undefined && !/^\s*"?match\b/i.test(next)) return [];
      return [
        findingAt(visit, visit.line.keyword, "info", code, {
          what: "This Match block has no directive.",
          why: `${build.label} does nothing for it, but lines that are added below fall into it.`,
          advice: "Remove the line, or add what the block is for.",
        }),
      ];
    });
  },
};
