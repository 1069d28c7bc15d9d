import { findingAbout, nothing, type Rule } from "@/lib/sshd-config/rules/rule";
import type { Scope } from "@/lib/sshd-config/scope";

const code = "no-chroot-trap";

/** ChrootDirectory values under which a session cannot begin. */
export const noChrootTrap: Rule = {
  code,
  severity: "warning",
  what: "ChrootDirectory is not absolute, holds for everyone, or has no program in it to run.",
  why: "Authentication succeeds, and then the session ends at once.",
  find: ({ naming, scopes: [, ...blocks] }) =>
    naming("chrootdirectory").flatMap((scope) => {
      const held = scope.own("chrootdirectory")[0];
      if (!held || held.value.toLowerCase() === "none") return [];
      if (!/^(?:\/|%h)/.test(held.value))
        return findingAbout(held, "warning", code, {
          what: `ChrootDirectory ${held.value} is no absolute path.`,
          why: "sshd ends every session that comes to it.",
          advice: "Begin it with / or with %h.",
        });
      if (!scope.match && !isLifted(blocks))
        return findingAbout(held, "warning", code, {
          what: "ChrootDirectory holds for everyone, root and Gatehouse's account too.",
          why: "Nobody sees the rest of the host any more, and so nobody can mend it over SSH.",
          advice: "Put it in a Match block for those who shall be shut in.",
        });
      if (runsInside(scope)) return nothing;
      return findingAbout(held, "info", code, {
        what: "ChrootDirectory without ForceCommand internal-sftp needs a shell and its libraries inside the directory.",
        why: "Where they are missing, authentication succeeds and the session ends at once.",
        advice: "For file transfer alone, add ForceCommand internal-sftp to the block.",
      });
    }),
};

/** Does a block let somebody out? */
function isLifted(blocks: readonly Scope[]): boolean {
  return blocks.some((block) => block.own("chrootdirectory")[0]?.value.toLowerCase() === "none");
}

/** Is what runs built into sshd, or is nothing run at all? */
function runsInside(scope: Scope): boolean {
  if (scope.value("maxsessions") === "0") return true;
  return /^internal-sftp(?:\s|$)/.test(scope.value("forcecommand") ?? "");
}
