import { namesRoot } from "@/lib/sshd-config/rules/match-criteria";
import { findingAbout, type Rule } from "@/lib/sshd-config/rules/rule";
import { bareMethod, methodLists } from "@/lib/sshd-config/rules/ways-in";

const code = "no-root-dead-end";

/** Methods that root may use while PermitRootLogin forbids passwords. */
const forRoot = new Set(["publickey", "hostbased", "gssapi-with-mic", "gssapi-keyex"]);

/** prohibit-password forbids root the password step of every list, keyboard-interactive included. */
export const noRootDeadEnd: Rule = {
  code,
  severity: "warning",
  what: "AuthenticationMethods asks for a password or keyboard-interactive, which PermitRootLogin forbids to root.",
  why: "root can never finish a login, key or not.",
  find: ({ scopes, naming, build }) => {
    const [everyone, ...blocks] = scopes;
    const rootHasItsOwn = () =>
      blocks.some(
        (block) =>
          (block.sets("authenticationmethods") || block.sets("permitrootlogin")) &&
          block.match &&
          namesRoot(block.match.line, build),
      );
    return naming("authenticationmethods").flatMap((scope) => {
      if (!scope.sets("authenticationmethods")) return [];
      const policy = scope.value("permitrootlogin") ?? "";
      if (!/^(?:prohibit-password|without-password|forced-commands-only)$/.test(policy)) return [];
      if (scope === everyone && rootHasItsOwn()) return [];
      if (scope.match && !namesRoot(scope.match.line, build)) return [];
      const lists = methodLists(scope);
      if (lists.length === 0 || lists.some((list) => list.every((m) => forRoot.has(bareMethod(m)))))
        return [];
      const isWritten = scope.sets("permitrootlogin") || everyone.sets("permitrootlogin");
      return findingAbout(scope.own("authenticationmethods")[0], isWritten ? "warning" : "info", code, {
        what: "root can never log in with these AuthenticationMethods.",
        why: `PermitRootLogin is ${policy}${isWritten ? "" : " by default"}: it forbids root passwords and keyboard-interactive, also as a second step.`,
        advice:
          'Give root a list of its own ("Match User root" with "AuthenticationMethods publickey"), or write PermitRootLogin no.',
      });
    });
  },
};
