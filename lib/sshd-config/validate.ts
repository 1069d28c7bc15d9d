import type { Build } from "@/lib/sshd-config/build";
import type { Diagnostic } from "@/lib/sshd-config/diagnostic";
import {
  findKeyword,
  isAllowedInMatch,
  isKnownTo,
  resolveAlias,
  statusIn,
  valuesIn,
} from "@/lib/sshd-config/directives";
import type { ConfigFile, Line, Word } from "@/lib/sshd-config/model";
import { parse } from "@/lib/sshd-config/parser";

/**
 * Everything worth telling about a tree of files, for one build of sshd.
 *
 * @param files the main file first, included files behind it; each is checked, also one that no Include names
 * @returns in order of files and lines
 */
export function diagnose(files: readonly ConfigFile[], build: Build): Diagnostic[] {
  return files.flatMap((file) => diagnoseFile(file, build));
}

function diagnoseFile(file: ConfigFile, build: Build): Diagnostic[] {
  const found: Diagnostic[] = [];
  let block: Line | undefined;
  for (const line of parse(file.text, build).lines) {
    if (!line.keyword) continue;
    const keyword = line.keyword;
    const at = (word: Word) => ({ path: file.path, line: line.number, from: word.from, to: word.to });
    const entry = findKeyword(keyword.value);
    if (!entry || !isKnownTo(entry, build)) {
      found.push({
        ...at(keyword),
        severity: "error",
        code: "unknown-keyword",
        what: `${build.label} does not know the keyword "${keyword.value}".`,
        why: "sshd refuses to start with a keyword it does not know.",
        advice: entry?.since
          ? `It came with OpenSSH ${entry.since}; remove the line.`
          : "Correct the spelling or remove the line.",
        sshd: `Bad configuration option: ${keyword.value}`,
      });
      continue;
    }
    if (line.args.length === 0 && !line.unbalanced) {
      found.push({
        ...at(keyword),
        severity: "error",
        code: "no-argument",
        what: `${entry.name} has no value.`,
        why: "sshd refuses to start.",
        advice: "Write a value, or remove the line.",
      });
      continue;
    }
    if (line.unbalanced) {
      found.push({
        ...at(line.rest ?? keyword),
        severity: "error",
        code: "unbalanced-quote",
        what: "A quote is never closed.",
        why: "sshd refuses to start.",
        advice: "Close the quote.",
      });
      continue;
    }
    const resolved = resolveAlias(entry, build);
    if (resolved.kind === "match") {
      block = line;
      continue;
    }
    if (block && block.args[0]?.value.toLowerCase() !== "all" && !isAllowedInMatch(entry, build)) {
      found.push({
        ...at(keyword),
        severity: "error",
        code: "not-in-match",
        what: `${entry.name} may not stand in a Match block.`,
        why: `The Match of line ${block.number} reaches to the next Match or the end of the file; indentation does not count.`,
        advice: `Move the line above line ${block.number}.`,
        sshd: `Directive '${keyword.value}' is not allowed within a Match block`,
      });
    }
    const status = statusIn(entry, build);
    if (status !== "live") {
      found.push({
        ...at(keyword),
        severity: "warning",
        code: "no-effect",
        what: `${entry.name} has no effect on ${build.label}.`,
        why: "sshd only warns about it.",
        advice: "Remove the line.",
      });
      continue;
    }
    const values = valuesIn(resolved, build);
    const value = line.args[0];
    if (value && values.length > 0 && !values.some((v) => v.toLowerCase() === value.value.toLowerCase())) {
      found.push({
        ...at(value),
        severity: "error",
        code: "bad-value",
        what: `${entry.name} does not take "${value.value}".`,
        why: "sshd refuses to start.",
        advice: `Write one of: ${values.join(", ")}.`,
      });
    }
  }
  return found;
}
