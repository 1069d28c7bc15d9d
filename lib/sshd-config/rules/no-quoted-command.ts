import { findingAt, nothing, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-quoted-command";

/** sshd hands a forced command to the shell as it stands: quotes around all of it make it one word. */
export const noQuotedCommand: Rule = {
  code,
  severity: "warning",
  what: "The whole value of ForceCommand stands in quotes.",
  why: "sshd keeps the quotes: the shell looks for one program of that name, and internal-sftp is not recognised.",
  find: ({ of }) =>
    of("ForceCommand").flatMap((visit) => {
      // Nearly none is like this, and a file may have thousands.
      if (!/^["']/.test(visit.line.restText ?? "")) return nothing;
      const { rest } = visit.line;
      const [, mark, inner = ""] = /^(["'])(.*)\1$/s.exec(rest?.value ?? "") ?? [];
      if (!rest || !mark || inner.includes(mark) || !/\s|^internal-sftp$/.test(inner.trim())) return [];
      const edit = { path: visit.path, from: rest.from, to: rest.to, insert: inner };
      // The place of a value that sshd reads otherwise than it stands (a NUL) is not to be written to.
      const isSafe = rest.to - rest.from === rest.value.length;
      return [
        findingAt(visit, rest, "warning", code, {
          what: "The quotes around this command belong to it.",
          why: `The shell looks for one program of the name "${inner}", and there is none: the session ends at once.`,
          advice: "Remove the quotes around the whole command.",
          fix: isSafe ? { label: "Remove the quotes", edits: [edit] } : undefined,
        }),
      ];
    }),
};
