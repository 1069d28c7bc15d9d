import { algorithmFamily, defaultAlgorithms } from "@/lib/sshd-config/algorithms";
import type { Fix } from "@/lib/sshd-config/diagnostic";
import { removeLine } from "@/lib/sshd-config/rules/fixes";
import { findingAt, type Rule } from "@/lib/sshd-config/rules/rule";
import type { Visit } from "@/lib/sshd-config/walk";

const code = "no-weak-algorithms";

const keyTypes = /^ssh-(?:rsa|dss)(?:-cert-v01@openssh\.com)?$/;

/** What is broken or near to it, by keyword. ssh-rsa signs by SHA-1; RSA keys themselves go on with rsa-sha2-*. */
const weak: { readonly [keyword: string]: RegExp } = {
  Ciphers: /-cbc|^arcfour/,
  MACs: /md5|sha1|^umac-64/,
  KexAlgorithms: /sha1(?:-|$)/,
  HostKeyAlgorithms: keyTypes,
  PubkeyAcceptedAlgorithms: keyTypes,
  PubkeyAcceptedKeyTypes: keyTypes,
  HostbasedAcceptedAlgorithms: keyTypes,
  HostbasedAcceptedKeyTypes: keyTypes,
  CASignatureAlgorithms: keyTypes,
};

/** Lists that name weak algorithms. What this build offers by default anyway is worth a note only. */
export const noWeakAlgorithms: Rule = {
  code,
  severity: "warning",
  what: "A list names algorithms that are broken or near to it: CBC, MD5, SHA-1, DSA.",
  why: "A connection that uses one can be read or forged with enough effort; clients of ten years know better ones.",
  find: ({ of, build }) =>
    Object.entries(weak).flatMap(([name, pattern]) =>
      of(name).flatMap((visit) => {
        const word = visit.line.args[0];
        const family = algorithmFamily(name);
        if (!word || !family || family === "gss" || word.value.startsWith("-")) return [];
        const names = word.value.replace(/^[+^]/, "").split(",");
        const found = names.filter((algorithm) => pattern.test(algorithm));
        if (found.length === 0) return [];
        const standard = defaultAlgorithms(family, build).split(",");
        const isStandard = found.every((algorithm) => standard.includes(algorithm));
        const kept = names.filter((algorithm) => !pattern.test(algorithm));
        return [
          findingAt(visit, word, isStandard ? "info" : "warning", code, {
            what: `${name} names ${found.join(", ")}: ${found.length === 1 ? "that is" : "those are"} weak.`,
            why: isStandard
              ? `${build.label} has ${found.length === 1 ? "it" : "them"} by default too, for old clients.`
              : "A connection that uses one can be read or forged with enough effort.",
            advice: "Take them out once no client needs them; every client of ten years knows better ones.",
            fix: takeOut(visit, kept),
          }),
        ];
      }),
    ),
};

/** Writes what is left of the list; an added list of which nothing is left goes with its line. */
function takeOut(visit: Visit, kept: readonly string[]): Fix | undefined {
  const word = visit.line.args[0];
  if (!word || word.to - word.from !== word.value.length) return undefined;
  const sign = /^[+^]/.exec(word.value)?.[0] ?? "";
  if (kept.length === 0) return sign === "" ? undefined : removeLine(visit);
  const edit = { path: visit.path, from: word.from, to: word.to, insert: sign + kept.join(",") };
  return { label: "Take them out", edits: [edit] };
}
