import { writeInstead } from "@/lib/sshd-config/rules/fixes";
import { findingAbout, type Rule } from "@/lib/sshd-config/rules/rule";
import { bareMethod, methodLists, openMethods } from "@/lib/sshd-config/rules/ways-in";

const code = "no-root-password";

/** PermitRootLogin yes lets root in by password wherever passwords are taken. */
export const noRootPassword: Rule = {
  code,
  severity: "warning",
  what: "PermitRootLogin is yes.",
  why: "root, the name that everybody tries, can log in with a password where passwords are taken.",
  find: ({ naming, build }) =>
    naming("permitrootlogin").flatMap((scope) => {
      const held = scope.own("permitrootlogin")[0];
      if (held?.value !== "yes") return [];
      const open = openMethods(scope, build);
      const lists = methodLists(scope).map((list) => list.map(bareMethod));
      const byPassword = ["password", "keyboard-interactive"].some(
        (method) =>
          open.has(method) &&
          (lists.length === 0 || lists.some((list) => list.includes(method) && !list.includes("publickey"))),
      );
      return findingAbout(held, byPassword && !scope.match ? "warning" : "info", code, {
        what: byPassword
          ? "root can log in with a password."
          : "PermitRootLogin yes would let root in with a password.",
        why: byPassword
          ? "Everybody on the network tries that name; one weak or known password is the whole host."
          : "Passwords are switched off elsewhere; when one line switches them on again, root has them too.",
        advice: "Write prohibit-password: root's keys go on working.",
        fix: writeInstead(held, "prohibit-password"),
      });
    }),
};
