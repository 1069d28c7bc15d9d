import { findingAt, nothing, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-comment-in-value";

/** Keywords that take the rest of the line as it stands, and what they do with a comment. */
const effects = {
  ForceCommand: "It is handed to the shell with the command.",
  AuthorizedKeysCommand: "Its words are arguments of the command.",
  AuthorizedPrincipalsCommand: "Its words are arguments of the command.",
  VersionAddendum: "sshd announces it to everybody who connects.",
} as const;

/** From 8.7 on a comment behind such a value is part of it. */
export const noCommentInValue: Rule = {
  code,
  severity: "info",
  what: "A comment stands behind a value that goes to the end of the line.",
  why: "From OpenSSH 8.7 on the comment is part of the value.",
  find: ({ of, build }) => {
    if (build.release < 807) return [];
    return Object.entries(effects).flatMap(([name, why]) =>
      of(name).flatMap((visit) => {
        if (!visit.line.restText?.includes("#")) return nothing;
        const { rest } = visit.line;
        const at = rest ? /^[^"']*?\s#/.exec(rest.value) : null;
        if (!rest || !at) return [];
        const word = { from: rest.from + at[0].length - 1, to: rest.to };
        return [
          findingAt(visit, word, "info", code, {
            what: `${name} takes this comment for a part of its value.`,
            why,
            advice: "Put the comment on a line of its own.",
          }),
        ];
      }),
    );
  },
};
