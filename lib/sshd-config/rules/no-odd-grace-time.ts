import { writeInstead } from "@/lib/sshd-config/rules/fixes";
import { findingAbout, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-odd-grace-time";

/** Below this a person with a password, a second factor or a slow line hardly gets in; below half of it nobody. */
const shortSeconds = 10;

/** LoginGraceTime 0 sets no limit, a few seconds let nobody finish. */
export const noOddGraceTime: Rule = {
  code,
  severity: "warning",
  what: "LoginGraceTime is 0 or only a few seconds.",
  why: "0 means no limit: connections that never log in keep their place. Too few seconds let nobody finish a login.",
  find: ({ scopes: [everyone] }) => {
    const held = everyone.own("logingracetime")[0];
    const seconds = Number(held?.value);
    if (!held || !(seconds < shortSeconds)) return [];
    const fix = writeInstead(held, "120");
    if (seconds <= 0)
      return findingAbout(held, "info", code, {
        what: "LoginGraceTime is 0: a login may take for ever.",
        why: "Connections that never log in keep their place, until MaxStartups lets nobody else in.",
        advice: "Write a time, such as 120.",
        fix,
      });
    // Some leave it to keys and want scanners gone.
    return findingAbout(held, seconds < shortSeconds / 2 ? "warning" : "info", code, {
      what: `LoginGraceTime leaves ${seconds} seconds to log in.`,
      why: "A password, a second factor or a slow line takes longer: people are cut off.",
      advice: "Write 30 seconds or more; the default is 120.",
      fix,
    });
  },
};
