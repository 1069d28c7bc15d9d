import { findingAbout, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-command-for-all";

/** ForceCommand outside of Match blocks runs for root and for our own account too. */
export const noCommandForAll: Rule = {
  code,
  severity: "warning",
  what: "ForceCommand stands outside of Match blocks.",
  why: "It runs instead of every shell and command, those of root and of Gatehouse's agent too.",
  find: ({ scopes: [everyone, ...blocks] }) => {
    const held = everyone.own("forcecommand")[0];
    if (!held || held.value.toLowerCase() === "none") return [];
    const isLifted = blocks.some((block) => block.own("forcecommand")[0]?.value.toLowerCase() === "none");
    return findingAbout(held, isLifted ? "info" : "warning", code, {
      what: isLifted
        ? "ForceCommand holds for everyone whom no Match block lets off."
        : "ForceCommand holds for everyone, root and Gatehouse's account too.",
      why: isLifted
        ? "Who is forgotten there gets no shell; Gatehouse's account needs to be let off too."
        : "Nobody gets a shell any more to mend the host, and Gatehouse's agent does not run.",
      advice: "Put it in a Match block for those whom it is meant for.",
    });
  },
};
