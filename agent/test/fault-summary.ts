import type { Counts, HostKind } from "./fault-plan";
import type { TrialResult } from "./fault-trial";

/** How many faults: planned and tried, really met by the agent, and invariants that did not hold after them. */
export interface Tally {
  injected: number;
  reached: number;
  violations: number;
}

/** What one run of the harness found, as docs/safety.md tells it. */
export interface FaultSummary {
  readonly commit: string;
  readonly seed: number;
  readonly startedAt: string;
  seconds: number;
  readonly hosts: readonly string[];
  readonly counts: Counts | null;
  /** Of each agent that lacks a safeguard: the invariants that were seen to fail. */
  readonly broken: Record<string, string[]>;
  /** Changes that were made, with one fault, two or none. */
  trials: number;
  /** Trials without a fault: the courses themselves. */
  courses: number;
  readonly total: Tally;
  readonly by: Readonly<Record<"kind" | "role" | "subject" | "host", Record<string, Tally>>>;
  /** For each sweep: the highest command that was there to fail, and the lowest beyond it that was not. */
  readonly sweeps: Record<string, { reached: number; end: number | null }>;
  readonly violations: string[];
}

export function nameOf({ tree, init, shell }: HostKind): string {
  return `${tree.replace("-systemd", "")} ${init === "none" ? "without systemd" : `systemd ${init}`} ${shell}`;
}

/** A summary of nothing yet. */
export function emptySummary(
  head: Pick<FaultSummary, "commit" | "seed" | "startedAt" | "hosts" | "counts" | "broken">,
): FaultSummary {
  return {
    ...head,
    seconds: 0,
    trials: 0,
    courses: 0,
    total: { injected: 0, reached: 0, violations: 0 },
    by: { kind: {}, role: {}, subject: {}, host: {} },
    sweeps: {},
    violations: [],
  };
}

/** What the figures need to know of a trial, be it of a change or of an installation. */
export interface Counted {
  readonly subject: string;
  readonly faults: readonly { readonly role: string; readonly number: number; readonly kind: string }[];
}

/** Adds a trial to the summary; `sweep` names the sweep it belongs to. */
export function addTrial(
  summary: FaultSummary,
  kind: HostKind,
  trial: Counted,
  result: TrialResult,
  sweep: string | null,
): void {
  const tallyBy = (by: keyof FaultSummary["by"], name: string): Tally => {
    const tally = summary.by[by][name] ?? { injected: 0, reached: 0, violations: 0 };
    summary.by[by][name] = tally;
    return tally;
  };
  const ofTrial = [summary.total, tallyBy("subject", trial.subject), tallyBy("host", nameOf(kind))];
  summary.trials += 1;
  if (trial.faults.length === 0) summary.courses += 1;
  for (const tally of ofTrial) tally.violations += result.violations.length;
  for (const fault of trial.faults) {
    const isReached = result.reached.includes(fault.role);
    const ofFault = [tallyBy("kind", fault.kind), tallyBy("role", fault.role)];
    for (const tally of ofFault) tally.violations += result.violations.length;
    for (const tally of [...ofTrial, ...ofFault]) {
      tally.injected += 1;
      if (isReached) tally.reached += 1;
    }
    if (sweep !== null) addToSweep(summary, sweep, fault.number, isReached);
  }
}

function addToSweep(summary: FaultSummary, name: string, number: number, isReached: boolean): void {
  const seen = summary.sweeps[name] ?? { reached: 0, end: null };
  summary.sweeps[name] = seen;
  if (isReached) seen.reached = Math.max(seen.reached, number);
  else if (seen.end === null || number < seen.end) seen.end = number;
  if (seen.end !== null && seen.end <= seen.reached) seen.end = null;
}
