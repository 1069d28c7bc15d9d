import type { Severity } from "@/lib/sshd-config/diagnostic";
import { findingAbout, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-missing-file";

/** Keywords that name a file or program, and what comes of it when there is none. RevokedKeys has a rule of its own. */
const effects: readonly (readonly [name: string, why: string, severity: Severity])[] = [
  ["Subsystem", "File transfer, or whatever else the subsystem is for, fails after login.", "warning"],
  ["ForceCommand", "Whoever logs in is sent away at once.", "warning"],
  ["ChrootDirectory", "sshd ends every session that shall begin there.", "warning"],
  ["AuthorizedKeysCommand", "No key comes from it: whoever has no other does not get in.", "warning"],
  ["AuthorizedPrincipalsCommand", "No certificate is accepted by it.", "warning"],
  ["AuthorizedPrincipalsFile", "No certificate is accepted by it.", "warning"],
  ["TrustedUserCAKeys", "No certificate is accepted.", "warning"],
  ["HostKey", "sshd leaves the key out; clients that know only this one refuse the host.", "warning"],
  [
    "HostCertificate",
    "sshd leaves the certificate out; clients that trust its authority alone refuse the host.",
    "warning",
  ],
  ["Banner", "Nothing is shown before login.", "info"],
  ["ModuliFile", "sshd falls back to built-in groups.", "info"],
];

/** A path that a directive names and the host does not have; silent about paths that nobody looked at. */
export const noMissingFile: Rule = {
  code,
  severity: "warning",
  what: "A directive names a file, directory or program that the host does not have.",
  why: "sshd -t does not look; what the directive is for fails at login.",
  find: ({ naming, host: { paths } }) => {
    if (!paths) return [];
    return naming(...effects.map(([name]) => name)).flatMap((scope) =>
      effects.flatMap(([name, why, severity]) =>
        scope.own(name.toLowerCase()).flatMap((held) => {
          const path = held.value.split(/\s/)[0] ?? "";
          if (!path.startsWith("/") || path.includes("%") || paths.get(path) !== false) return [];
          return findingAbout(held, severity, code, {
            what: `${name} names ${path}, which the host does not have.`,
            why,
            advice: "Correct the path, or create what is missing first.",
          });
        }),
      ),
    );
  },
};
