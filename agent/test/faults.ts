import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { type Lab, openLab } from "@/e2e/lab/lab";
import { brokenAgents } from "./broken-agents";
import { measureCommands } from "./fault-count";
import { FaultHost } from "./fault-host";
import {
  type Counts,
  fits,
  type HostKind,
  hostKinds,
  planSweep,
  planTrials,
  subjects,
  type Trial,
} from "./fault-plan";
import { addTrial, emptySummary, nameOf } from "./fault-summary";
import { runTrial, type TrialResult } from "./fault-trial";
import { pick, randomFrom } from "./random";

/**
 * The fault harness: real changes on real hosts, each with one fault, and after each the invariants I1 to I9.
 *
 *   npm run test:faults -- [--subset] [--trials N] [--seed N] [--hosts N] [--minutes N] [--sweeps NAMES]
 *
 * A full run tries `--trials` fault points of every kind, and in sweeps every command of every role failing (or killed),
 * one after the other, until a run has no command left; `--sweeps` says which ("config.fail,keys.fail"; "none"). After
 * `--minutes` no further trial begins, and the figures say what was done. Every trial is a line of
 * test-results/faults.jsonl, and the sum of them test-results/faults-summary.json. The last line printed is
 * "injected N reached N violations N"; a fault that was not reached does not count. First the harness runs against
 * agents that each lack one safeguard: where they do not fail it could not see a fault either, and the run is void.
 *
 * Exit status: 0; 1 an invariant was violated, or too few faults were reached; 2 the run is void.
 */

const { values } = parseArgs({
  options: {
    subset: { type: "boolean", default: false },
    trials: { type: "string" },
    seed: { type: "string" },
    hosts: { type: "string" },
    minutes: { type: "string" },
    sweeps: { type: "string" },
  },
});
const subsetTrials = 80;
const fullTrials = 1000;
const fullSweeps = "config.fail,keys.fail,agent.fail,modes.fail,config.kill,keys.kill";

function number(text: string | undefined, otherwise: number, name: string): number {
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} takes a whole number, not "${text}".`);
  return Number(text);
}

const size = number(values.trials, values.subset ? subsetTrials : fullTrials, "trials");
/** A full run looks for what nobody has seen; the subset, run for each commit, must fail for the commit's own sake. */
const subsetSeed = 408_390_289;
const seed = number(values.seed, values.subset ? subsetSeed : Date.now() % 1_000_000_000, "seed");
const hostCount = number(values.hosts, 14, "hosts");
const seconds = 60 * number(values.minutes, 24 * 60, "minutes");
const sweepNames = (values.sweeps ?? (values.subset ? "none" : fullSweeps))
  .split(",")
  .filter((name) => name !== "none");
const commit = execFileSync("git", ["rev-parse", "--short=12", "HEAD"], { encoding: "utf8" }).trim();
const record = path.join("test-results", "faults.jsonl");
const summaryFile = path.join("test-results", "faults-summary.json");

interface Planned {
  readonly trial: Trial;
  readonly sweep: string | null;
}

function write(agent: string, host: HostKind, trial: Trial, result: TrialResult): void {
  appendFileSync(record, `${JSON.stringify({ commit, seed, agent, host, trial, ...result })}\n`);
}

/** Runs what is planned on a host until nothing is left that fits it, or the time is over. */
async function work(
  host: FaultHost,
  planned: Planned[],
  untilMilliseconds: number,
  done: (planned: Planned, result: TrialResult) => void,
): Promise<void> {
  while (performance.now() < untilMilliseconds) {
    const index = planned.findIndex(({ trial }) => fits(trial, host.kind));
    const [next] = index < 0 ? [] : planned.splice(index, 1);
    if (!next) return;
    const startedAt = performance.now();
    const result = await runTrial(host, next.trial, !values.subset).catch((error: unknown) => ({
      reached: [],
      where: "",
      state: "unknown",
      violations: [`the harness failed: ${error instanceof Error ? error.message : String(error)}`],
      seconds: Math.round((performance.now() - startedAt) / 1000),
    }));
    done(next, result);
  }
}

/** For each broken agent the invariants that it was seen to violate. */
async function proveHarness(lab: Lab, counts: Counts): Promise<Record<string, string[]>> {
  const kind = { tree: "bookworm", init: "none", shell: "dash" } as const;
  const seen = await Promise.all(
    brokenAgents.map(async ({ name, patches, trials }) => {
      const host = await FaultHost.open(lab, kind, patches);
      const violations = new Set<string>();
      const planned = trials(counts.config).map((trial) => ({ trial, sweep: null }));
      await work(host, planned, Number.POSITIVE_INFINITY, ({ trial }, result) => {
        write(name, kind, trial, result);
        for (const violation of result.violations) violations.add(violation.slice(0, 2));
      });
      host.managed.forget();
      await host.managed.host.stop();
      const found = [...violations].sort();
      const verdict = found.length > 0 ? `fails, as it must (${found.join(", ")})` : "NOT SEEN TO FAIL";
      console.log(`an agent that ${name}: ${verdict}`);
      return [name, found] as const;
    }),
  );
  return Object.fromEntries(seen);
}

function inWords({ subject, faults, content, course, powerCutAfterApply }: Trial): string {
  const what =
    faults.map(({ kind, role, number }) => `${kind} at ${role} ${number}`).join(" and ") || "no fault";
  return `${what}, ${content} ${subject}, then ${powerCutAfterApply ? "a power cut" : course}`;
}

/** What a run tries, in its order: spread trials first, for what comes last may fall to the end of the time. */
function plan(counts: Counts): Planned[] {
  const planned: Planned[] = planTrials(size, counts, randomFrom(seed)).map((trial) => ({
    trial,
    sweep: null,
  }));
  for (const name of sweepNames) {
    const [word, kind] = name.split(".");
    const subject = subjects.find((one) => one === word);
    if (!subject) throw new Error(`--sweeps: "${name}" has no subject that is known.`);
    if (kind !== "fail" && kind !== "kill" && kind !== "mute" && kind !== "power")
      throw new Error(`--sweeps: "${name}" has no kind of fault that can be swept.`);
    for (const trial of planSweep(subject, kind, counts[subject]))
      planned.push({ trial, sweep: `${name} ${trial.faults[0]?.role}` });
  }
  return planned;
}

async function main(): Promise<number> {
  const startedAt = performance.now();
  mkdirSync(path.dirname(record), { recursive: true });
  writeFileSync(record, "");
  const kinds = Array.from({ length: hostCount }, (_, index) => pick(hostKinds, index));
  console.log(`commit ${commit} seed ${seed}: ${size} trials on ${hostCount} hosts`);
  const lab = await openLab();
  try {
    const hosts = await Promise.all(kinds.map((kind) => FaultHost.open(lab, kind)));
    const plain = hosts.filter(({ kind }) => kind.init === "none");
    const counts = await measureCommands(plain.length > 0 ? plain : hosts);
    console.log(`commands: ${JSON.stringify(counts)}`);
    const broken = await proveHarness(lab, counts);
    if (Object.values(broken).some((violations) => violations.length === 0)) {
      console.log("void: the harness does not see a missing safeguard");
      return 2;
    }
    const summary = emptySummary({
      commit,
      seed,
      startedAt: new Date().toISOString(),
      hosts: [...new Set(kinds.map(nameOf))],
      counts,
      broken,
    });
    const planned = plan(counts);
    const until = startedAt + seconds * 1000;
    await Promise.all(
      hosts.map((host) =>
        work(host, planned, until, ({ trial, sweep }, result) => {
          write("agent.sh", host.kind, trial, result);
          addTrial(summary, host.kind, trial, result, sweep);
          for (const violation of result.violations) {
            const line = `${violation}: ${inWords(trial)} on ${nameOf(host.kind)} at "${result.where}"`;
            summary.violations.push(line);
            console.log(line);
          }
          summary.seconds = Math.round((performance.now() - startedAt) / 1000);
          writeFileSync(summaryFile, `${JSON.stringify(summary, null, 2)}\n`);
        }),
      ),
    );
    for (const host of hosts) host.managed.forget();
    const { injected, reached, violations } = summary.total;
    if (planned.length > 0) console.log(`${planned.length} planned trials were not begun in the time`);
    console.log(`injected ${injected} reached ${reached} violations ${violations}`);
    return violations > 0 || reached < injected * 0.75 ? 1 : 0;
  } finally {
    await lab.close();
  }
}

process.exitCode = await main();
