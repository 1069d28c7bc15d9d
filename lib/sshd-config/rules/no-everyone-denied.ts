import { findingAbout, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-everyone-denied";

/** DenyUsers or DenyGroups `*` where no block does: nobody gets in, whatever AllowUsers says. */
export const noEveryoneDenied: Rule = {
  code,
  severity: "warning",
  what: 'DenyUsers or DenyGroups is "*" outside of Match blocks, or RefuseConnection is on.',
  why: "Nobody can log in; AllowUsers does not lift a denial.",
  find: ({ scopes: [everyone, ...blocks] }) =>
    (["DenyUsers", "DenyGroups", "RefuseConnection"] as const).flatMap((name) => {
      const key = name.toLowerCase();
      const word = name === "RefuseConnection" ? "yes" : "*";
      const held = everyone.own(key).find(({ value }) => value === word || value === `${word}@*`);
      const isLifted = blocks.some((block) => block.sets(key));
      return held
        ? findingAbout(held, isLifted ? "info" : "warning", code, {
            what: `${name} ${held.value} refuses everyone${isLifted ? " whom no Match block is for" : ""}.`,
            why: isLifted
              ? "A Match block has a value of its own, which replaces this one."
              : "Nobody can log in.",
            advice: isLifted ? "Keep it, if it is meant so." : "Remove the line.",
          })
        : [];
    }),
};
