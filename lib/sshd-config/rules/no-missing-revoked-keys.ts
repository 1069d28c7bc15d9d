import { findingAbout, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-missing-revoked-keys";

/** Without the file that RevokedKeys names, sshd takes every key for revoked. */
export const noMissingRevokedKeys: Rule = {
  code,
  severity: "warning",
  what: "RevokedKeys names a file that is missing, or of which that is not known.",
  why: "While the file is missing or cannot be read, sshd refuses every key.",
  find: ({ scopes, host }) =>
    scopes.flatMap((scope) =>
      scope.own("revokedkeys").flatMap((held) => {
        const exists = host.paths?.get(held.value);
        if (held.value.toLowerCase() === "none" || exists === true) return [];
        return findingAbout(held, exists === false ? "warning" : "info", code, {
          what:
            exists === false
              ? `${held.value} is missing: sshd refuses every key.`
              : `If ${held.value} is missing or cannot be read, sshd refuses every key.`,
          why: "sshd takes a key for revoked when it cannot look, and sshd -t does not look at all.",
          advice: "Create the file, an empty one will do, before this takes effect.",
        });
      }),
    ),
};
