import type { Build } from "@/lib/sshd-config/build";
import { keywords } from "@/lib/sshd-config/directives";
import type { Keyword } from "@/lib/sshd-config/keyword";
import { findingAt, nothing, type Rule } from "@/lib/sshd-config/rules/rule";

const withTokens = keywords.filter((keyword) => keyword.tokens !== undefined).map((keyword) => keyword.name);

/** Tokens that the two commands expand from OpenSSH 9.4 on, beside their others. */
const laterTokens = ["%C", "%D"];

function tokensOf(keyword: Keyword, build: Build): string[] | undefined {
  if (keyword.tokens === undefined || keyword.kind === "routing-domain") return undefined;
  const tokens = keyword.tokens.split(" ");
  return keyword.kind === "command" && build.release >= 904 ? [...tokens, ...laterTokens] : tokens;
}

/** sshd expands %-tokens only at login, and ends the connection at one it does not know. */
export const noUnknownToken: Rule = {
  code: "no-unknown-token",
  severity: "warning",
  what: "A value has a %-token that its keyword does not know.",
  why: "sshd accepts the file, but ends every connection that comes to this value.",
  find: ({ of, build }) =>
    withTokens.flatMap(of).flatMap((visit) => {
      if (!visit.line.restText?.includes("%")) return nothing;
      const { rest } = visit.line;
      const tokens = tokensOf(visit.keyword, build);
      if (!tokens || !rest || rest.value.toLowerCase() === "none") return [];
      const unknown = [...rest.value.matchAll(/%(.?)/gs)]
        .map((m) => m[0])
        .find((token) => !tokens.includes(token));
      if (unknown === undefined) return [];
      return [
        findingAt(visit, rest, "warning", "no-unknown-token", {
          what: `${visit.keyword.name} does not know the token "${unknown}".`,
          why: "sshd accepts the file, but ends every connection that comes to this value.",
          advice: `It knows ${tokens.join(" ")}; a percent sign is written %%.`,
        }),
      ];
    }),
};
