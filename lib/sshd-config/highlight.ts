import { newestBuild } from "@/lib/sshd-config/build";
import { findKeyword, isKnownTo } from "@/lib/sshd-config/directives";
import type { Word } from "@/lib/sshd-config/model";
import { parse } from "@/lib/sshd-config/parser";

export interface HighlightToken {
  /** Offsets in the line. */
  from: number;
  to: number;
  kind: "comment" | "keyword" | "match" | "criterion" | "string" | "number" | "value" | "invalid";
}

/** The words of one line with what they are, in order, without overlaps; gaps are white space. */
export function highlight(line: string): HighlightToken[] {
  const parsed = parse(line).lines[0];
  if (!parsed) return [];
  if (parsed.kind === "comment") return [{ from: line.search(/\S/), to: line.length, kind: "comment" }];
  if (!parsed.keyword)
    return line.trim() ? [{ from: line.search(/\S/), to: line.length, kind: "invalid" }] : [];
  const entry = findKeyword(parsed.keyword.value);
  const isMatch = entry?.kind === "match";
  const known = entry && isKnownTo(entry, newestBuild);
  const tokens: HighlightToken[] = [
    {
      from: parsed.keyword.from,
      to: parsed.keyword.to,
      kind: isMatch ? "match" : entry || known ? "keyword" : "invalid",
    },
  ];
  if (parsed.unbalanced) {
    const from = parsed.args.at(-1)?.to ?? parsed.rest?.from ?? line.length;
    for (const [i, word] of parsed.args.entries()) tokens.push(argument(line, word, isMatch && i % 2 === 0));
    tokens.push({ from: from + line.slice(from).search(/\S|$/), to: line.length, kind: "invalid" });
    return tokens.filter((t) => t.to > t.from);
  }
  let criterion = true;
  for (const word of parsed.args) {
    tokens.push(argument(line, word, isMatch && criterion));
    criterion = !criterion || ["all", "invalid-user"].includes(word.value.toLowerCase());
  }
  if (parsed.commentFrom !== undefined)
    tokens.push({ from: parsed.commentFrom, to: line.length, kind: "comment" });
  return tokens;
}

function argument(line: string, word: Word, isCriterion: boolean): HighlightToken {
  const text = line.slice(word.from, word.to);
  const kind = isCriterion
    ? "criterion"
    : /["']/.test(text)
      ? "string"
      : /^\d/.test(text)
        ? "number"
        : "value";
  return { from: word.from, to: word.to, kind };
}
