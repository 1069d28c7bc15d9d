import { findKeyword, keywords } from "@/lib/sshd-config/directives";
import { removeLine } from "@/lib/sshd-config/rules/fixes";
import { findingAt, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-old-name";

/** The keywords that have another name too. */
const renamed = [...new Set(keywords.flatMap(({ aliasOf }) => aliasOf ?? []))];

/** Keywords under an old name; one of them means something else than it says. */
export const noOldName: Rule = {
  code,
  severity: "warning",
  what: "A keyword has an old name. DSAAuthentication is one for PubkeyAuthentication.",
  why: "It still works, but reads as another one; DSAAuthentication no switches off all keys, not those of DSA.",
  find: ({ of }) =>
    renamed.flatMap(of).flatMap((visit) => {
      const { keyword } = visit.line;
      const written = keyword && findKeyword(keyword.value);
      if (!keyword || !written || written === visit.keyword) return [];
      const now = visit.keyword.name;
      const isTrap = written.name === "DSAAuthentication" && visit.line.args[0]?.value.toLowerCase() === "no";
      if (isTrap)
        return [
          findingAt(visit, keyword, "warning", code, {
            what: "DSAAuthentication no switches off all public keys, not those of DSA.",
            why: "sshd takes it for an old name of PubkeyAuthentication: whoever has a key is shut out.",
            advice: "Remove the line; DSA keys are refused by default.",
            fix: removeLine(visit),
          }),
        ];
      // Without a value sshd takes some old names and refuses the new one.
      const isPlain = keyword.to - keyword.from === keyword.value.length && visit.line.args.length > 0;
      const edit = { path: visit.path, from: keyword.from, to: keyword.to, insert: now };
      return [
        findingAt(visit, keyword, "info", code, {
          what: `${written.name} is an old name of ${now}.`,
          why: "Both set the same; of two lines with both names only the first counts.",
          advice: `Write ${now}.`,
          fix: isPlain ? { label: `Write ${now}`, edits: [edit] } : undefined,
        }),
      ];
    }),
};
