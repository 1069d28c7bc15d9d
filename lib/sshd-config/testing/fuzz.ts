import type { Build } from "@/lib/sshd-config/build";
import { completionsAt } from "@/lib/sshd-config/complete";
import { evaluate } from "@/lib/sshd-config/evaluate";
import { highlight } from "@/lib/sshd-config/highlight";
import { parse, print } from "@/lib/sshd-config/parser";
import { generateCases } from "@/lib/sshd-config/testing/generate";
import { mangle, soup } from "@/lib/sshd-config/testing/mangle";
import type { Random } from "@/lib/sshd-config/testing/random";
import { diagnose } from "@/lib/sshd-config/validate";

const path = "/etc/ssh/sshd_config";

/** Splits a text and puts it together again. Throws where a byte is lost or a word lies outside of its line. */
export function exerciseParser(text: string, build: Build): void {
  const document = parse(text, build);
  if (print(document) !== text) throw new Error("print gives back another text than was parsed");
  for (const line of document.lines) {
    for (const word of [line.keyword, ...line.args]) {
      if (word && !(line.from <= word.from && word.from <= word.to && word.to <= line.to))
        throw new Error(`a word of line ${line.number} lies outside of it`);
    }
  }
}

/**
 * Does with a text all that an editor does with it. Throws where any of it throws, loses a byte, or points beyond
 * the text.
 */
export function exercise(text: string, build: Build): void {
  exerciseParser(text, build);
  const files = [{ path, text }];
  for (const { from, to } of diagnose(files, build)) {
    if (!(0 <= from && from <= to && to <= text.length))
      throw new Error("a diagnostic points beyond the text");
  }
  evaluate(files, { user: "alice", address: "10.1.2.3", host: "client.example.org" }, build);
  const first = text.split("\n", 1)[0] ?? "";
  for (const { from, to } of highlight(first)) {
    if (!(0 <= from && from <= to && to <= first.length)) throw new Error("a colour points beyond its line");
  }
  completionsAt(text, Math.floor(text.length / 2), build);
}

/** What to begin with: texts as the oracle asks them. */
export function fuzzSeeds(seed: number, count: number): string[] {
  return [...generateCases(seed, count, { odd: 0.5 })].map(({ files }) => String(files[path]));
}

/** A new text out of old ones: cut, joined, repeated, mangled. */
export function fuzzText(pool: readonly string[], r: Random): string {
  const base = r.pick(pool);
  switch (r.between(0, 9)) {
    case 0: {
      const other = r.pick(pool);
      return base.slice(0, r.between(0, base.length)) + other.slice(r.between(0, other.length));
    }
    case 1:
      return base.slice(r.between(0, base.length)) + base.slice(0, r.between(0, base.length));
    case 2:
      return mangle(mangle(mangle(base, r), r), r);
    case 3: {
      const at = r.between(0, base.length);
      return base.slice(0, at) + soup(r, 12) + base.slice(at);
    }
    case 4: {
      const lines = base.split("\n");
      const at = r.between(0, lines.length - 1);
      return [...lines.slice(at), mangle(lines[at] ?? "", r), ...lines.slice(0, at)].join("\n");
    }
    default:
      return mangle(base, r);
  }
}
