import { matchesPattern } from "@/lib/sshd-config/pattern";
import { findingAbout, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-allowed-and-denied";

const pairs = [
  ["AllowUsers", "DenyUsers"],
  ["AllowGroups", "DenyGroups"],
] as const;

/** A name that one list allows and the other denies. */
export const noAllowedAndDenied: Rule = {
  code,
  severity: "warning",
  what: "A name stands in an Allow list and matches a Deny list.",
  why: "A denial counts: the name does not get in.",
  find: ({ scopes }) =>
    scopes.flatMap((scope) =>
      pairs.flatMap(([allow, deny]) => {
        // A host part would need the address to be told.
        const denied = scope
          .held(deny.toLowerCase())
          .map((held) => held.value)
          .filter((value) => !value.includes("@") && value !== "*");
        if (denied.length === 0) return [];
        return scope.own(allow.toLowerCase()).flatMap((held) => {
          const name = held.value.split("@")[0] ?? "";
          const by = denied.find((pattern) => !/[*?]/.test(name) && matchesPattern(name, pattern));
          if (by === undefined) return [];
          return findingAbout(held, "warning", code, {
            what: `${allow} names ${name}, and ${deny} ${by} refuses it.`,
            why: "A denial counts, whatever is allowed.",
            advice: "Take it out of one of the two lists.",
          });
        });
      }),
    ),
};
