import { findingAbout, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-single-try";

/** Every key that a client offers in vain is a try. */
export const noSingleTry: Rule = {
  code,
  severity: "info",
  what: "MaxAuthTries is 1.",
  why: "A client that offers another key first is sent away before it comes to the right one.",
  find: ({ naming }) =>
    naming("maxauthtries").flatMap((scope) => {
      const held = scope.own("maxauthtries")[0];
      if (held?.value !== "1") return [];
      return findingAbout(held, "info", code, {
        what: "MaxAuthTries 1 ends the connection at the first key that is not accepted.",
        why: "A client with several keys offers them one after the other and may never come to the right one.",
        advice: "Write 3 or more; or have clients set IdentitiesOnly.",
      });
    }),
};
