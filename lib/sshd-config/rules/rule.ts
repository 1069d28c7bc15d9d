import type { Build } from "@/lib/sshd-config/build";
import type { Diagnostic, Severity } from "@/lib/sshd-config/diagnostic";
import type { Word } from "@/lib/sshd-config/model";
import type { Visit } from "@/lib/sshd-config/walk";

/**
 * Something that sshd accepts and nobody wants.
 *
 * @param visits every directive that was read, in reading order, files of Include in place
 */
export type Rule = (visits: readonly Visit[], build: Build) => Diagnostic[];

/** A finding about one word of a directive. */
export function findingAt(
  visit: Visit,
  word: Word | undefined,
  severity: Severity,
  code: string,
  text: { what: string; why: string; advice: string },
): Diagnostic {
  const { from, to } = word ?? visit.line.keyword ?? visit.line;
  return { severity, code, path: visit.path, line: visit.line.number, from, to, ...text };
}
