import type { Build } from "@/lib/sshd-config/build";
import type { Diagnostic, Fix, Severity } from "@/lib/sshd-config/diagnostic";
import type { HostKnowledge } from "@/lib/sshd-config/host-knowledge";
import type { ConfigFile } from "@/lib/sshd-config/model";
import type { ReadScopes, Scopes } from "@/lib/sshd-config/scope";
import type { Held } from "@/lib/sshd-config/settings";
import type { Visit } from "@/lib/sshd-config/walk";
import type { World } from "@/lib/sshd-config/world";

/** All that a rule may look at. */
export interface RuleContext {
  /** The whole tree, the main file first. */
  files: readonly ConfigFile[];
  /** Where reading began: the main file, or one that no Include reaches. */
  path: string;
  build: Build;
  /** Every directive that was read, in reading order, files of Include in place. */
  visits: readonly Visit[];
  /** Those of one keyword, named as in sshd_config(5). Faster than a search of `visits`. */
  of(keyword: string): readonly Visit[];
  /** What holds for everyone, then for each Match block. */
  scopes: Scopes;
  /** Of them that of everyone, and those of blocks that have a line of one of the keywords. Faster than all of them. */
  naming: ReadScopes["naming"];
  world: World;
  host: HostKnowledge;
}

/** Something that sshd accepts and nobody wants. */
export interface Rule {
  /** As in its diagnostics; the name of its file. */
  code: string;
  /** The gravest that it gives. */
  severity: Severity;
  /** For docs/rules.md, a sentence each: what it finds, and why that matters. */
  what: string;
  why: string;
  find(context: RuleContext): Diagnostic[];
}

/** No finding; shared by all who have none, thousands of times. */
export const nothing: readonly Diagnostic[] = [];

/** What a finding says; `fix` where an edit is safe. */
export interface Finding {
  what: string;
  why: string;
  advice: string;
  fix?: Fix | undefined;
}

/** A stretch of a line. */
interface Span {
  from: number;
  to: number;
}

/** A finding about one word of a directive; without a word, about its keyword. */
export function findingAt(
  visit: Visit,
  word: Span | undefined,
  severity: Severity,
  code: string,
  finding: Finding,
): Diagnostic {
  const { from, to } = word ?? visit.line.keyword ?? visit.line;
  return place({ path: visit.path, line: visit.line.number, from, to }, severity, code, finding);
}

/** A finding about a value that holds; undefined for a built-in default, which stands nowhere. */
export function findingAbout(
  held: Held | undefined,
  severity: Severity,
  code: string,
  finding: Finding,
): Diagnostic[] {
  return held?.origin ? [place(held.origin, severity, code, finding)] : [];
}

function place(
  { path, line, from, to }: Span & { path: string; line: number },
  severity: Severity,
  code: string,
  { what, why, advice, fix }: Finding,
): Diagnostic {
  return { severity, code, path, line, from, to, what, why, advice, ...(fix && { fix }) };
}
