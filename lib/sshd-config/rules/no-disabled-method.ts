import { findingAbout, nothing, type Rule } from "@/lib/sshd-config/rules/rule";
import { methodLists, methodObstacle, openMethods } from "@/lib/sshd-config/rules/ways-in";
import type { Scope } from "@/lib/sshd-config/scope";

const code = "no-disabled-method";

/** One of several lists of AuthenticationMethods that can never be fulfilled. All of them: see no-closed-door. */
export const noDisabledMethod: Rule = {
  code,
  severity: "warning",
  what: "A list of AuthenticationMethods names a method that is switched off or cannot succeed.",
  why: "Nobody can fulfil that list; sshd -t does not look at the lists of Match blocks.",
  find: ({ naming, build }) =>
    naming("authenticationmethods").flatMap((scope) => {
      if (!scope.sets("authenticationmethods")) return nothing;
      const open = openMethods(scope, build);
      let found: string | undefined;
      let isOneOpen = false;
      for (const list of methodLists(scope)) {
        const obstacle = firstObstacle(list, open, scope);
        found ??= obstacle;
        if (obstacle === undefined) isOneOpen = true;
      }
      if (!found || !isOneOpen) return nothing;
      return findingAbout(scope.own("authenticationmethods")[0], "warning", code, {
        what: `One of the lists of AuthenticationMethods cannot be fulfilled: ${found}.`,
        why: "Whoever counts on that list does not get in; the other lists still work.",
        advice: "Switch the method on, or take the list out.",
      });
    }),
};

function firstObstacle(list: readonly string[], open: ReadonlySet<string>, scope: Scope): string | undefined {
  for (const method of list) {
    const obstacle = methodObstacle(method, open, scope);
    if (obstacle !== undefined) return obstacle;
  }
  return undefined;
}
