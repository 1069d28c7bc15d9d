import { findDisabledMethod } from "@/lib/sshd-config/methods";
import { findingAbout, type Rule, type RuleContext } from "@/lib/sshd-config/rules/rule";
import { isYes, methodKeys, methodLists, methodObstacle, openMethods } from "@/lib/sshd-config/rules/ways-in";
import type { Scope } from "@/lib/sshd-config/scope";

const code = "no-closed-door";

/** A block that sets none of these lets people in as everyone else. */
const decisive = [
  ...methodKeys,
  "authorizedkeyscommand",
  "trustedusercakeys",
  "hostbasedauthentication",
  "gssapiauthentication",
  "permitemptypasswords",
];

/** Every method is off or cannot succeed: `sshd -t` accepts it, and nobody gets in. */
export const noClosedDoor: Rule = {
  code,
  severity: "warning",
  what: "No authentication method can succeed.",
  why: "sshd starts, but nobody can log in.",
  find: (context) => {
    const [everyone] = context.scopes;
    const [, ...blocks] = context.naming(...decisive);
    const own = blocks.filter((block) => decisive.some((key) => block.sets(key)));
    const open = new Set(own.filter((block) => hasWayIn(block, context)));
    if (!hasWayIn(everyone, context)) {
      if (isRefused(everyone, context)) return [];
      const isMeant = open.size > 0;
      return findingAbout(anchorOf(everyone), isMeant ? "info" : "warning", code, {
        what: isMeant
          ? "Only those of a Match block can log in: no authentication method can succeed otherwise."
          : "Nobody can log in: no authentication method can succeed.",
        why: reasonOf(everyone, context),
        advice: isMeant ? "Keep it, if it is meant so." : "Leave at least PubkeyAuthentication on.",
      });
    }
    return own
      .filter((block) => !open.has(block))
      .flatMap((block) =>
        findingAbout(anchorOf(block), "info", code, {
          what: "Whoever this Match block is for cannot log in: no authentication method can succeed.",
          why: reasonOf(block, context),
          advice: "Keep it, if it is meant so.",
        }),
      );
  },
};

function hasWayIn(scope: Scope, { build }: RuleContext): boolean {
  const open = openMethods(scope, build);
  const lists = methodLists(scope);
  if (lists.length === 0) return open.size > 0;
  for (const list of lists) {
    let isOpen = true;
    for (const method of list) if (methodObstacle(method, open, scope) !== undefined) isOpen = false;
    if (isOpen) return true;
  }
  return false;
}

/** Does sshd refuse to start because of it? Then it says so itself. */
function isRefused(everyone: Scope, { build }: RuleContext): boolean {
  const lists = methodLists(everyone).map((list) => list.join(","));
  const isOn = (keyword: string) => isYes(everyone, keyword);
  return lists.length > 0 && lists.every((list) => findDisabledMethod(list, build, isOn) !== undefined);
}

function reasonOf(scope: Scope, { build }: RuleContext): string {
  const open = openMethods(scope, build);
  const obstacles = methodLists(scope).flatMap((list) =>
    list.flatMap((method) => methodObstacle(method, open, scope) ?? []),
  );
  if (obstacles.length > 0) return `Of AuthenticationMethods, ${[...new Set(obstacles)].join("; ")}.`;
  return "Keys and passwords are switched off, and keyboard-interactive is too or has no PAM behind it.";
}

const anchorOf = (scope: Scope) => methodKeys.map((key) => scope.own(key)[0]).find((held) => held?.origin);
