import type { Counts, HostKind, Trial } from "./fault-plan";
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
    courses: 0,
    total: { injected: 0, reached: 0, violations: 0 },
    by: { kind: {}, role: {}, subject: {}, host: {} },
    sweeps: {},
    violations: [],
  };
}

/** Adds a trial to the summary; `sweep` names the sweep it belongs to. */
export function addTrial(
  summary: FaultSummary,
  kind: HostKind,
  trial: Trial,
  result: TrialResult,
  sweep: string | null,
): void {
  const { fault } = trial;
  const tallies = [summary.total];
  const addBy = (by: keyof FaultSummary["by"], name: string) => {
    summary.by[by][name] ??= { injected: 0, reached: 0, violations: 0 };
    tallies.push(summary.by[by][name]);
  };
  addBy("subject", trial.subject);
  addBy("host", nameOf(kind));
  if (fault) {
    addBy("kind", fault.kind);
    addBy("role", fault.role);
  } else {
    summary.courses += 1;
  }
  for (const tally of tallies) {
    if (fault) tally.injected += 1;
    if (fault && result.reached) tally.reached += 1;
    tally.violations += result.violations.length;
  }
  if (sweep !== null && fault) {
    const seen = summary.sweeps[sweep] ?? { reached: 0, end: null };
    summary.sweeps[sweep] = seen;
    if (result.reached) seen.reached = Math.max(seen.reached, fault.number);
    else if (seen.end === null || fault.number < seen.end) seen.end = fault.number;
    if (seen.end !== null && seen.end <= seen.reached) seen.end = null;
  }
}
