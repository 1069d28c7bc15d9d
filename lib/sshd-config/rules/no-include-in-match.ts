import { findingAt, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-include-in-match";

/** An Include behind a Match line brings its files in for those alone whom the block is for. */
export const noIncludeInMatch: Rule = {
  code,
  severity: "warning",
  what: "An Include of a directory stands in a Match block.",
  why: "What its files set is in force for those the block is for alone, and global keywords in them stop sshd.",
  find: ({ of }) =>
    of("Include").flatMap((visit) => {
      if (visit.block === undefined || visit.active) return [];
      const word = visit.line.args.find(({ value }) => /[*?[]/.test(value));
      if (!word) return [];
      return [
        // Indented, it is meant to be in the block.
        findingAt(visit, word, /^[ \t]/.test(visit.line.text) ? "info" : "warning", code, {
          what: `${word.value} is included in a Match block.`,
          why: "What those files set is in force for those the block is for alone.",
          advice: "Move the Include above the first Match.",
        }),
      ];
    }),
};
