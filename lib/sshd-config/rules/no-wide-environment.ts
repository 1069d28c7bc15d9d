import { matchesPattern } from "@/lib/sshd-config/pattern";
import { findingAbout, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-wide-environment";

/** Variables by which a client decides what runs on the host. */
const dangerous = [
  "LD_PRELOAD",
  "LD_LIBRARY_PATH",
  "PATH",
  "BASH_ENV",
  "ENV",
  "IFS",
  "PYTHONPATH",
  "PERL5LIB",
];

/** Patterns of AcceptEnv that let such variables in. */
export const noWideEnvironment: Rule = {
  code,
  severity: "warning",
  what: "AcceptEnv lets in variables that decide what runs, such as LD_PRELOAD or PATH.",
  why: "A client sets them and gets around a ForceCommand; and no login could prove a change to Gatehouse.",
  find: ({ naming }) =>
    naming("acceptenv").flatMap((scope) =>
      scope.own("acceptenv").flatMap((held) => {
        const name = dangerous.find((variable) => matchesPattern(variable, held.value));
        if (!name) return [];
        return findingAbout(held, "warning", code, {
          what: `AcceptEnv ${held.value} lets the client set ${name}.`,
          why: "Such variables decide what runs on the host; a ForceCommand is no limit any more.",
          advice: "Name the variables that are needed, such as LANG LC_*.",
        });
      }),
    ),
};
