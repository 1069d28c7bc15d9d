import { findingAt, type Rule } from "@/lib/sshd-config/rules/rule";

const effects: Record<string, string> = {
  MaxAuthTries: "No authentication is tried at all: nobody can log in.",
  MaxSessions: "No shell, no command and no file transfer is opened after login.",
};

/** MaxAuthTries 0 and MaxSessions 0 pass `sshd -t` and shut people out. */
export const noZeroTries: Rule = (visits) =>
  visits.flatMap((visit) => {
    const why = effects[visit.keyword.name];
    const word = visit.line.args[0];
    if (!why || !word || !/^\+?0+$/.test(word.value)) return [];
    const what = `${visit.keyword.name} is 0.`;
    return [
      findingAt(visit, word, "warning", "no-zero-tries", { what, why, advice: "Write a number from 1 on." }),
    ];
  });
