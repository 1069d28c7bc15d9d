import { findKeyword, keywords, statusIn } from "@/lib/sshd-config/directives";
import { removeLine } from "@/lib/sshd-config/rules/fixes";
import { findingAt, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-ignored-directive";

const candidates = keywords
  .filter(
    ({ status }) =>
      status === "ignored" || (typeof status === "object" && Object.values(status).includes("ignored")),
  )
  .map(({ name }) => name);

/** Directives that sshd swallows without a word. Those it warns about are told with its own words. */
export const noIgnoredDirective: Rule = {
  code,
  severity: "info",
  what: "A directive that sshd reads and silently ignores, such as Protocol.",
  why: "It looks like a setting, and nothing is set.",
  find: ({ of, build }) =>
    candidates.flatMap(of).flatMap((visit) => {
      const written = findKeyword(visit.line.keyword?.value ?? "");
      if (!written || statusIn(written, build) !== "ignored") return [];
      return [
        findingAt(visit, undefined, "info", code, {
          what: `${written.name} has no effect.`,
          why: `${build.label} ignores it without a word.`,
          advice: "Remove the line.",
          fix: removeLine(visit),
        }),
      ];
    }),
};
