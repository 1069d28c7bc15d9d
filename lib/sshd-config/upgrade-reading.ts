import { findKeyword } from "@/lib/sshd-config/directives";
import type { Kind } from "@/lib/sshd-config/keyword";
import { readMatchWords } from "@/lib/sshd-config/match";
import type { RuleContext } from "@/lib/sshd-config/rules/rule";
import type { UpgradeItem } from "@/lib/sshd-config/upgrade";
import type { Visit } from "@/lib/sshd-config/walk";

/** Kinds whose value is the rest of the line as it stands. */
const rawKinds: ReadonlySet<Kind> = new Set(["raw", "command", "addendum"]);

/** Lines that both builds take and split into other words: the quotes and comments of 8.7, the Match lines of 9.9. */
export function compareReading(before: RuleContext, after: RuleContext): UpgradeItem[] {
  const idOf = ({ path, line }: Visit) => `${path}\n${line.from}`;
  const others = new Map(before.visits.map((visit) => [idOf(visit), visit]));
  return after.visits.flatMap((visit): UpgradeItem[] => {
    const other = others.get(idOf(visit));
    const { keyword } = visit.line;
    if (!other || !keyword) return [];
    const [old, now] = [readWords(other, before), readWords(visit, after)];
    if (old.length === now.length && old.every((word, i) => word === now[i])) return [];
    const name = findKeyword(keyword.value)?.name ?? keyword.value;
    return [
      {
        kind: "differs",
        severity: "warning",
        code: "read-otherwise",
        place: { path: visit.path, line: visit.line.number, from: keyword.from, to: visit.line.to },
        what: `${after.build.label} reads this ${name} as ${quoteAll(now)}, ${before.build.label} as ${quoteAll(old)}.`,
        why: "Quotes, backslashes and comments are read by other rules.",
        advice: "Write the value without quotes, backslashes and a comment behind it, where it allows that.",
      },
    ];
  });
}

function readWords({ keyword, line }: Visit, { build }: RuleContext): readonly string[] {
  if (keyword.kind === "match") return readMatchWords(line, build);
  return rawKinds.has(keyword.kind) ? [line.rest?.value ?? ""] : line.args.map((word) => word.value);
}

function quoteAll(words: readonly string[]): string {
  return words.length === 0 ? "nothing" : words.map((word) => `"${word}"`).join(" ");
}
