import { findingAt, type Rule } from "@/lib/sshd-config/rules/rule";

const lists = ["AllowUsers", "DenyUsers", "AllowGroups", "DenyGroups"];

/** The four lists are separated by blanks; a comma or an exclamation mark is taken for a letter of the name. */
export const noCommaInNames: Rule = {
  code: "no-comma-in-names",
  severity: "warning",
  what: "A name in AllowUsers, DenyUsers, AllowGroups or DenyGroups has a comma or begins with an exclamation mark.",
  why: "sshd takes it for one name, which no account has: nobody is let in, or refused, by it.",
  find: (context) =>
    lists.flatMap((name) =>
      context.of(name).flatMap((visit) =>
        visit.line.args
          .filter((word) => /^(?:!|[^@]*,)/.test(word.value))
          .map((word) => {
            const names = word.value.split(",").filter((part) => part !== "");
            // A host part may have commas of its own, and a quoted name is meant as it stands.
            const isPlain = names.every((part) => /^[A-Za-z0-9_.*?][A-Za-z0-9_.*?$-]*$/.test(part));
            const isWhole = word.to - word.from === word.value.length;
            const edit = { path: visit.path, from: word.from, to: word.to, insert: names.join(" ") };
            return findingAt(visit, word, "warning", "no-comma-in-names", {
              what: `"${word.value}" is one name to sshd, with its comma or exclamation mark.`,
              why: `It matches no account: ${name.startsWith("Allow") ? "nobody is let in by it" : "nobody is refused by it"}.`,
              advice: "Separate names by blanks; there is no negation here.",
              fix:
                isPlain && isWhole && names.length > 0
                  ? { label: "Separate the names by blanks", edits: [edit] }
                  : undefined,
            });
          }),
      ),
    ),
};
