import { writeInstead } from "@/lib/sshd-config/rules/fixes";
import { findingAbout, type Rule } from "@/lib/sshd-config/rules/rule";

const effects = [
  ["maxauthtries", "MaxAuthTries", "No authentication is tried at all: nobody can log in.", "6"],
  ["maxsessions", "MaxSessions", "No shell, no command and no file transfer is opened after login.", "10"],
] as const;

/** MaxAuthTries 0 and MaxSessions 0 pass `sshd -t` and shut people out. */
export const noZeroTries: Rule = {
  code: "no-zero-tries",
  severity: "warning",
  what: "MaxAuthTries or MaxSessions is 0.",
  why: "No authentication is tried, or nothing can be run after login: people are shut out.",
  find: ({ naming }) =>
    naming("maxauthtries", "maxsessions").flatMap((scope) =>
      effects.flatMap(([key, name, why, standard]) => {
        const held = scope.own(key)[0];
        if (held?.value !== "0") return [];
        // MaxSessions 0 is how a block allows forwarding alone.
        const isMeant = key === "maxsessions" && scope.match !== undefined;
        return findingAbout(held, isMeant ? "info" : "warning", "no-zero-tries", {
          what: `${name} is 0.`,
          why,
          advice: isMeant ? "Keep it where only forwarding is wanted." : "Write a number from 1 on.",
          fix: isMeant ? undefined : writeInstead(held, standard),
        });
      }),
    ),
};
