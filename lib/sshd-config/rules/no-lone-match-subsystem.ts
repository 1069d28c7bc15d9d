import { findingAt, type Rule } from "@/lib/sshd-config/rules/rule";

/** From 9.5 to 10.2 sshd crashes when a Match block sets a subsystem and no global line does. */
export const noLoneMatchSubsystem: Rule = {
  code: "no-lone-match-subsystem",
  severity: "warning",
  what: "A Match block sets a subsystem, and no global line does.",
  why: "OpenSSH 9.5 to 10.2 crashes on it: whoever the block is for cannot log in.",
  find: ({ of, build }) => {
    const { release } = build;
    const subsystems = of("Subsystem");
    if (release < 905 || release >= 1003 || subsystems.some((v) => v.active)) return [];
    return subsystems.map((visit) =>
      findingAt(visit, visit.line.keyword, "warning", "no-lone-match-subsystem", {
        what: "A Match block sets a subsystem, and no global line does.",
        why: `${build.label} crashes on it: whoever the block is for cannot log in.`,
        advice: "Add a global Subsystem line above the first Match.",
      }),
    );
  },
};
