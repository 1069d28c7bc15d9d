import { findingAt, nothing, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-empty-match";

/** A Match line with nothing to do. */
export const noEmptyMatch: Rule = {
  code,
  severity: "info",
  what: "A Match block has no directive.",
  why: "It does nothing, but lines that are added at the end of the file fall into it.",
  find: ({ of, visits, files, build }) => {
    const filled = new Set<string>();
    let block: string | undefined;
    for (const visit of visits)
      if (visit.block !== block && visit.keyword.kind !== "match") {
        block = visit.block;
        if (block !== undefined) filled.add(block);
      }
    const matches = of("Match");
    if (filled.size === matches.length) return [];
    return matches.flatMap((visit) => {
      if (filled.has(`${visit.path}:${visit.line.number}`)) return nothing;
      // A line that sshd refuses is in the block all the same.
      const text = files.find((file) => file.path === visit.path)?.text ?? "";
      const next = nextDirective(text, visit.line.from + visit.line.text.length);
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

/** The first line from `at` on that is neither blank nor a comment. */
function nextDirective(text: string, at: number): string | undefined {
  for (let from = at; from < text.length; ) {
    const end = text.indexOf("\n", from);
    const line = text.slice(from, end < 0 ? undefined : end);
    if (!/^\s*(?:#|$)/.test(line)) return line;
    from = end < 0 ? text.length : end + 1;
  }
  return undefined;
}
