import { findingAbout, type Rule } from "@/lib/sshd-config/rules/rule";
import { methodLists, methodObstacle, openMethods } from "@/lib/sshd-config/rules/ways-in";

const code = "no-disabled-method";

/** One of several lists of AuthenticationMethods that can never be fulfilled. All of them: see no-closed-door. */
export const noDisabledMethod: Rule = {
  code,
  severity: "warning",
  what: "A list of AuthenticationMethods names a method that is switched off or cannot succeed.",
  why: "Nobody can fulfil that list; sshd -t does not look at the lists of Match blocks.",
  find: ({ naming, build }) =>
    naming("authenticationmethods").flatMap((scope) => {
      if (!scope.sets("authenticationmethods")) return [];
      const open = openMethods(scope, build);
      const obstacles = methodLists(scope).map((list) =>
        list.map((method) => methodObstacle(method, open, scope)).find((text) => text !== undefined),
      );
      const found = obstacles.find((text) => text !== undefined);
      if (!found || obstacles.every((text) => text !== undefined)) return [];
      return findingAbout(scope.own("authenticationmethods")[0], "warning", code, {
        what: `One of the lists of AuthenticationMethods cannot be fulfilled: ${found}.`,
        why: "Whoever counts on that list does not get in; the other lists still work.",
        advice: "Switch the method on, or take the list out.",
      });
    }),
};
