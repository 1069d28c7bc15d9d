import { findingAt, type Rule } from "@/lib/sshd-config/rules/rule";

const names = new Set(["AllowUsers", "DenyUsers", "AllowGroups", "DenyGroups"]);

/** The four lists are separated by blanks; a comma or an exclamation mark is taken for a letter of the name. */
export const noCommaInNames: Rule = (visits) =>
  visits
    .filter((visit) => names.has(visit.keyword.name))
    .flatMap((visit) =>
      visit.line.args
        .filter((word) => /^!|,/.test(word.value.split("@")[0] ?? ""))
        .map((word) =>
          findingAt(visit, word, "warning", "no-comma-in-names", {
            what: `"${word.value}" is one name to sshd, with its comma or exclamation mark.`,
            why: `It matches no account: ${visit.keyword.name.startsWith("Allow") ? "nobody is let in by it" : "nobody is refused by it"}.`,
            advice: "Separate names by blanks; there is no negation here.",
          }),
        ),
    );
