import { matchesPattern } from "@/lib/sshd-config/pattern";
import { findingAbout, type Rule } from "@/lib/sshd-config/rules/rule";
import type { Held } from "@/lib/sshd-config/settings";

const code = "no-allowed-and-denied";

const pairs = [
  ["AllowUsers", "allowusers", "DenyUsers", "denyusers"],
  ["AllowGroups", "allowgroups", "DenyGroups", "denygroups"],
] as const;

/** So many patterns of one list are looked at: with thousands on both sides it would take seconds. */
const maxPatterns = 50;

/** A name that one list allows and the other denies. */
export const noAllowedAndDenied: Rule = {
  code,
  severity: "warning",
  what: "A name stands in an Allow list and matches a Deny list.",
  why: "A denial counts: the name does not get in.",
  find: ({ naming }) => {
    // Blocks without a list of their own share that of everyone.
    const known = new Map<readonly Held[], Denied>();
    const deniedBy = (held: readonly Held[]) => {
      const denied = known.get(held) ?? readDenied(held);
      known.set(held, denied);
      return denied;
    };
    return naming("allowusers", "allowgroups").flatMap((scope) =>
      pairs.flatMap(([allow, allowKey, deny, denyKey]) => {
        const allowed = scope.own(allowKey);
        if (allowed.length === 0) return [];
        const denied = deniedBy(scope.held(denyKey));
        return allowed.flatMap((held) => {
          const name = held.value.split("@")[0] ?? "";
          const by = denied.names.has(name)
            ? name
            : denied.patterns.find((pattern) => !/[*?]/.test(name) && matchesPattern(name, pattern));
          if (by === undefined) return [];
          return findingAbout(held, "warning", code, {
            what: `${allow} names ${name}, and ${deny} ${by} refuses it.`,
            why: "A denial counts, whatever is allowed.",
            advice: "Take it out of one of the two lists.",
          });
        });
      }),
    );
  },
};

interface Denied {
  names: ReadonlySet<string>;
  patterns: readonly string[];
}

/** What a list denies wherever it comes from; of everyone at once no-everyone-denied tells. */
function readDenied(held: readonly Held[]): Denied {
  const values = held.map(({ value }) => value).filter((value) => !value.includes("@") && value !== "*");
  const patterns = values.filter((value) => /[*?]/.test(value)).slice(0, maxPatterns);
  return { names: new Set(values), patterns };
}
