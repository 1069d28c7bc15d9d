import { matchesPattern } from "@/lib/sshd-config/pattern";
import { findingAbout, type Rule, type RuleContext } from "@/lib/sshd-config/rules/rule";
import type { Scope } from "@/lib/sshd-config/scope";

const code = "no-nobody-allowed";

const lists = [
  ["allowusers", "AllowUsers"],
  ["allowgroups", "AllowGroups"],
] as const;

/** An AllowUsers or AllowGroups that lets nobody through. */
export const noNobodyAllowed: Rule = {
  code,
  severity: "warning",
  what: "No account can match AllowUsers or AllowGroups.",
  why: "sshd accepts the file, and nobody can log in.",
  find: (context) =>
    context.naming("allowusers", "allowgroups").flatMap((scope) =>
      lists.flatMap(([key, name]) => {
        const items = scope.own(key);
        if (items.length === 0 || items.some((held) => canMatch(held.value, name, context))) return [];
        return findingAbout(items[0], severityIn(scope), code, {
          what: `No account can match ${name}.`,
          why: scope.match
            ? "Whoever this Match block is for cannot log in."
            : "Nobody can log in, unless a Match block has a list of its own.",
          advice: "Name the accounts or groups that shall get in, separated by blanks.",
        });
      }),
    ),
};

function severityIn(scope: Scope) {
  return scope.match ? "info" : "warning";
}

function canMatch(item: string, name: "AllowUsers" | "AllowGroups", { world }: RuleContext): boolean {
  const pattern = name === "AllowUsers" ? (item.split("@")[0] ?? "") : item;
  if (/^!|,/.test(pattern)) return false;
  if (!world.isComplete) return true;
  return [...world.accounts].some(([account, { groups }]) =>
    name === "AllowUsers" ? matchesPattern(account, pattern) : groups.some((g) => matchesPattern(g, pattern)),
  );
}
