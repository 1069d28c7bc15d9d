import { algorithmFamily, assembleAlgorithms } from "@/lib/sshd-config/algorithms";
import { needsMac } from "@/lib/sshd-config/own-client";
import { removeLine } from "@/lib/sshd-config/rules/fixes";
import { findingAt, type Rule } from "@/lib/sshd-config/rules/rule";

/** Lists that the listening sshd needs; the others fall back to their default at login. */
const needed = ["Ciphers", "MACs", "KexAlgorithms", "HostKeyAlgorithms"];

/** `-*` takes every algorithm away. `sshd -t` accepts it and `sshd -T` prints the default, but nobody can connect. */
export const noEmptyAlgorithms: Rule = {
  code: "no-empty-algorithms",
  severity: "warning",
  what: "A list takes away every algorithm there is.",
  why: "sshd accepts the file, but nobody can connect any more.",
  find: ({ of, build, scopes: [everyone] }) =>
    needed.flatMap(of).flatMap((visit) => {
      const word = visit.line.args[0];
      const family = algorithmFamily(visit.keyword.name);
      if (!word?.value.startsWith("-") || !family || family === "gss") return [];
      if (assembleAlgorithms(word.value, family, build) !== "") return [];
      const ciphers = everyone.algorithms("ciphers");
      // Seen on 9.2 and 10.0: with GCM or ChaCha20 no MAC is negotiated, and an empty list is no obstacle.
      if (visit.keyword.name === "MACs" && !ciphers.some(needsMac)) return [];
      const isPartial = visit.keyword.name === "MACs" && !ciphers.every(needsMac);
      return [
        findingAt(visit, word, isPartial ? "info" : "warning", "no-empty-algorithms", {
          what: `${visit.keyword.name} takes away every algorithm there is.`,
          why: isPartial
            ? "Clients that choose a cipher other than GCM or ChaCha20 cannot connect any more."
            : "sshd accepts the file, but nobody can connect any more.",
          advice: "Name the algorithms to take away, or those to keep, without the minus sign.",
          fix: removeLine(visit),
        }),
      ];
    }),
};
