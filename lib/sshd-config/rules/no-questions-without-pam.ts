import { findingAbout, type Rule } from "@/lib/sshd-config/rules/rule";
import { isYes } from "@/lib/sshd-config/rules/ways-in";

const code = "no-questions-without-pam";

/** On Linux nobody but PAM asks the questions of keyboard-interactive. */
export const noQuestionsWithoutPam: Rule = {
  code,
  severity: "warning",
  what: "KbdInteractiveAuthentication is switched on, and UsePAM is not.",
  why: "The method is offered, and every attempt fails: a second factor by PAM is never asked for.",
  find: ({ naming }) =>
    naming("kbdinteractiveauthentication", "challengeresponseauthentication").flatMap((scope) => {
      const held = ["kbdinteractiveauthentication", "challengeresponseauthentication"]
        .map((key) => scope.own(key)[0])
        .find((value) => value?.origin && value.value === "yes");
      if (!held || isYes(scope, "usepam")) return [];
      return findingAbout(held, "warning", code, {
        what: "Keyboard-interactive is on, but UsePAM is not: every attempt fails.",
        why: "Only PAM asks the questions; the method is offered all the same, and costs a try.",
        advice: "Write UsePAM yes, or switch the method off.",
      });
    }),
};
