import { acceptedKeysOf } from "@/lib/sshd-config/rules/accepted-keys";
import { findingAbout, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-security-keys-only";

const isSecurityKey = (name: string) => /^(?:webauthn-)?sk-/.test(name);

/** Only security keys are accepted: whoever has none is shut out, and so are machines. */
export const noSecurityKeysOnly: Rule = {
  code,
  severity: "warning",
  what: "PubkeyAcceptedAlgorithms takes security keys alone.",
  why: "Whoever has another key is shut out; so is every machine, which cannot touch one.",
  find: ({ naming, build, host }) => {
    const key = acceptedKeysOf(build);
    return naming(key).flatMap((scope) => {
      const algorithms = scope.algorithms(key);
      if (!scope.sets(key) || algorithms.length === 0 || !algorithms.every(isSecurityKey)) return [];
      if (host.keyTypes && [...host.keyTypes].every(isSecurityKey)) return [];
      return findingAbout(scope.own(key)[0], scope.match ? "info" : "warning", code, {
        what: "Only security keys are accepted.",
        why: host.keyTypes
          ? "People on this host have other keys: those do not work any more."
          : "If somebody has another key, it does not work any more; machines have no security key.",
        advice: "Do it in a Match block for those who have one, and leave out accounts of machines.",
      });
    });
  },
};
