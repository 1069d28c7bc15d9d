import type { AttemptResult } from "@/lib/access/attempt";
import type { BuildId } from "@/lib/sshd-config/build";

/** What the real sshd of every build did with the attempts of one case, a letter each. */
export type RecordedLogins = { readonly id: string } & Readonly<Record<BuildId, string>>;

const letters: Readonly<Record<string, AttemptResult>> = {
  S: "success",
  d: "denied",
  c: "closed",
  x: "closed-after-success",
  n: "no-server",
};

/** The letters of one case as results, in the order of its attempts. */
export function resultsOf(recorded: RecordedLogins, build: BuildId): (AttemptResult | undefined)[] {
  return Array.from(recorded[build], (letter) => letters[letter]);
}
