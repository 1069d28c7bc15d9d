import { removeLine } from "@/lib/sshd-config/rules/fixes";
import { findingAt, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-dsa-host-key";

/** A host key of DSA, by the name that ssh-keygen -A gave it. */
export const noDsaHostKey: Rule = {
  code,
  severity: "warning",
  what: "HostKey names a DSA key.",
  why: "No client accepts it by default since OpenSSH 7.0, and from 9.8 on sshd cannot load it.",
  find: ({ of, build }) => {
    const keys = of("HostKey").filter((visit) => visit.line.args[0]);
    const isDsa = (path: string | undefined) => /(?:^|[/_])dsa_key$/.test(path ?? "");
    const hasOthers = keys.some((visit) => !isDsa(visit.line.args[0]?.value));
    return keys
      .filter((visit) => isDsa(visit.line.args[0]?.value))
      .map((visit) => {
        const isGone = build.release >= 908;
        return findingAt(visit, visit.line.args[0], isGone ? "warning" : "info", code, {
          what: isGone
            ? `${build.label} cannot load a DSA host key.`
            : "No client accepts a DSA host key by default.",
          why: "DSA is too weak; OpenSSH switched it off in 7.0 and took it out in 9.8.",
          advice: "Remove the line.",
          fix: hasOthers ? removeLine(visit) : undefined,
        });
      });
  },
};
