import {
  type ImportEntry,
  linesOf,
  type ParsedImport,
  parsePort,
  type SkippedLine,
} from "@/lib/features/hosts/import/entry";

interface Block {
  readonly patterns: readonly string[];
  /** Lower-case keyword → the first value in the block. */
  readonly values: Map<string, string>;
}

/**
 * The hosts of an ssh client's configuration: each name without wildcards that stands in a `Host` line.
 *
 * As ssh does, every block that fits a name gives its values, and the first one wins. `Match` blocks and `Include`
 * need the machine they were written on, so they are left out and named.
 *
 * @see ssh_config(5)
 */
export function parseSshConfig(text: string): ParsedImport {
  const blocks: Block[] = [{ patterns: ["*"], values: new Map() }];
  const names: { name: string; line: number }[] = [];
  const skipped: SkippedLine[] = [];
  let isInMatch = false;
  for (const { number, text: line } of linesOf(text)) {
    const words = wordsOf(line);
    const keyword = words[0]?.toLowerCase();
    const skip = (reason: string) => skipped.push({ line: number, text: line.trim(), reason });
    if (keyword === "host") {
      isInMatch = false;
      blocks.push({ patterns: words.slice(1), values: new Map() });
      for (const name of words.slice(1)) {
        if (/[*?!]/.test(name)) skip(`${name} is a pattern, not one host.`);
        else names.push({ name, line: number });
      }
    } else if (keyword === "match") {
      isInMatch = true;
      skip("A Match block depends on the machine it was written on.");
    } else if (keyword === "include") skip("Included files are not here. Import them one by one.");
    else if (!isInMatch && keyword && words[1] !== undefined) {
      const block = blocks.at(-1);
      if (block && !block.values.has(keyword)) block.values.set(keyword, words[1]);
    }
  }
  const entries = names.flatMap(({ name, line }): ImportEntry[] => {
    const first = (keyword: string) =>
      blocks.find((block) => fits(block.patterns, name) && block.values.has(keyword))?.values.get(keyword);
    const portText = first("port") ?? "22";
    const port = parsePort(portText);
    if (port === undefined) {
      skipped.push({ line, text: `Host ${name}`, reason: `Its port, ${portText}, is none.` });
      return [];
    }
    const address = (first("hostname") ?? name).replaceAll("%h", name).replaceAll("%%", "%");
    return [{ line, name, address, port, tags: [] }];
  });
  return { entries, skipped };
}

/** Words of a line: `Key value`, `Key=value`, "quoted values". */
function wordsOf(line: string): string[] {
  const [, keyword = "", rest = ""] = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*)$/.exec(line) ?? [];
  const values = [...rest.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
  const comment = values.findIndex((value) => value.startsWith("#"));
  return [keyword, ...(comment < 0 ? values : values.slice(0, comment))];
}

/** A pattern list as in ssh_config(5), "PATTERNS": one that fits and none negated that fits. */
function fits(patterns: readonly string[], name: string): boolean {
  let isMatched = false;
  for (const pattern of patterns) {
    const isNegated = pattern.startsWith("!");
    if (!fitsOne(isNegated ? pattern.slice(1) : pattern, name)) continue;
    if (isNegated) return false;
    isMatched = true;
  }
  return isMatched;
}

/** `*` and `?`, without a regular expression that a long pattern could make slow. */
function fitsOne(pattern: string, name: string): boolean {
  let [p, n, star, mark] = [0, 0, -1, 0];
  while (n < name.length) {
    if (pattern[p] === "*") {
      star = p++;
      mark = n;
    } else if (pattern[p] === "?" || pattern[p] === name[n]) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++mark;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
