import { algorithmFamily, assembleAlgorithms } from "@/lib/sshd-config/algorithms";
import { findingAt, type Rule } from "@/lib/sshd-config/rules/rule";

/** Lists that the listening sshd needs; the others fall back to their default at login. */
const needed = new Set(["Ciphers", "MACs", "KexAlgorithms", "HostKeyAlgorithms"]);

/** `-*` takes every algorithm away. `sshd -t` accepts it and `sshd -T` prints the default, but nobody can connect. */
export const noEmptyAlgorithms: Rule = (visits, build) =>
  visits.flatMap((visit) => {
    const word = visit.line.args[0];
    const family = algorithmFamily(visit.keyword.name);
    if (!word?.value.startsWith("-") || !family || family === "gss" || !needed.has(visit.keyword.name))
      return [];
    if (assembleAlgorithms(word.value, family, build) !== "") return [];
    return [
      findingAt(visit, word, "warning", "no-empty-algorithms", {
        what: `${visit.keyword.name} takes away every algorithm there is.`,
        why: "sshd accepts the file, but nobody can connect any more.",
        advice: "Name the algorithms to take away, or those to keep, without the minus sign.",
      }),
    ];
  });
