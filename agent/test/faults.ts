import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { type Lab, openLab } from "@/e2e/lab/lab";
import { brokenAgents } from "./broken-agents";
import { FaultHost } from "./fault-host";
import {
  type CommandCounts,
  fits,
  type HostKind,
  hostKinds,
  planTrials,
  randomFrom,
  type Trial,
} from "./fault-plan";
import { runTrial, type TrialResult } from "./fault-trial";

/**
 * The fault harness: real changes on real hosts, each with one fault, and after each the invariants I1 to I9.
 *
 *   npm run test:faults -- [--subset] [--trials N] [--seed N] [--hosts N]
 *
 * Every trial is a line of test-results/faults.jsonl. The last line printed is "injected N reached N violations N"; a
 * fault that was not reached does not count. First the harness runs against agents that each lack one safeguard: where
 * they do not fail it could not see a fault either, and the run is void.
 *
 * Exit status: 0; 1 an invariant was violated, or too few faults were reached; 2 the run is void.
 */

const { values } = parseArgs({
  options: {
    subset: { type: "boolean", default: false },
    trials: { type: "string" },
    seed: { type: "string" },
    hosts: { type: "string" },
  },
});
const subsetTrials = 90;
const fullTrials = 480;
const neverReached = 1_000_000;

function number(text: string | undefined, otherwise: number, name: string): number {
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} takes a whole number, not "${text}".`);
  return Number(text);
}

const size = number(values.trials, values.subset ? subsetTrials : fullTrials, "trials");
const seed = number(values.seed, Date.now() % 1_000_000_000, "seed");
const hostCount = number(values.hosts, 8, "hosts");
const commit = execFileSync("git", ["rev-parse", "--short=12", "HEAD"], { encoding: "utf8" }).trim();
const record = path.join("test-results", "faults.jsonl");

function write(agent: string, host: HostKind, trial: Trial, result: TrialResult): void {
  appendFileSync(record, `${JSON.stringify({ commit, seed, agent, host, trial, ...result })}\n`);
}

/** How many commands each role runs, counted by shims that never fire. */
async function measureCommands(host: FaultHost): Promise<CommandCounts> {
  const course = { content: "good", powerCutAfterApply: false } as const;
  const never = { number: neverReached, kind: "kill" } as const;
  const count = async () => (await host.snapshot())?.count ?? 0;
  await host.reset();
  await host.arm({ ...never, role: "rpc" });
  const change = await host.managed.apply(`${host.base}# calibration\n`, {
    base: host.baseSha256,
    override: 1,
  });
  if (change.answer.error) throw new Error(`The calibrating change was refused: ${change.answer.message}`);
  const apply = await count();
  const confirmed = await host.managed.confirm(change);
  if (confirmed.error) throw new Error(`The calibrating change was not confirmed: ${confirmed.message}`);
  const rpc = await count();
  await runTrial(host, { ...course, course: "leave", fault: { ...never, role: "undo" } });
  const undo = await count();
  await runTrial(host, {
    ...course,
    course: "leave",
    powerCutAfterApply: true,
    fault: { ...never, role: "boot" },
  });
  return { apply, rpc, undo, boot: await count() };
}

/** Runs trials on a host until none is left that fits it. */
async function work(
  host: FaultHost,
  trials: Trial[],
  done: (trial: Trial, result: TrialResult) => void,
): Promise<void> {
  for (;;) {
    const index = trials.findIndex((trial) => fits(trial, host.kind));
    const [trial] = index < 0 ? [] : trials.splice(index, 1);
    if (!trial) return;
    done(trial, await runTrial(host, trial));
  }
}

/** Whether each broken agent was seen to fail. */
async function proveHarness(lab: Lab, counts: CommandCounts): Promise<boolean> {
  const kind = { tree: "bookworm", init: "none" } as const;
  const seen = await Promise.all(
    brokenAgents.map(async ({ name, patches, trials }) => {
      const host = await FaultHost.open(lab, kind, patches);
      const violations = new Set<string>();
      await work(host, [...trials(counts)], (trial, result) => {
        write(name, kind, trial, result);
        for (const violation of result.violations) violations.add(violation.slice(0, 2));
      });
      host.managed.forget();
      await host.managed.host.stop();
      const found = [...violations].sort().join(", ");
      console.log(`an agent that ${name}: ${found ? `fails, as it must (${found})` : "NOT SEEN TO FAIL"}`);
      return violations.size > 0;
    }),
  );
  return seen.every(Boolean);
}

function inWords({ fault, content, course, powerCutAfterApply }: Trial): string {
  const what = fault ? `${fault.kind} at command ${fault.number} of ${fault.role}` : "no fault";
  return `${what}, ${content} configuration, then ${powerCutAfterApply ? "a power cut" : course}`;
}

async function main(): Promise<number> {
  mkdirSync(path.dirname(record), { recursive: true });
  writeFileSync(record, "");
  console.log(`commit ${commit} seed ${seed}: ${size} trials on ${hostCount} hosts`);
  const lab = await openLab();
  try {
    const kinds = Array.from(
      { length: hostCount },
      (_, index) => hostKinds[index % hostKinds.length] ?? hostKinds[0],
    );
    const hosts = await Promise.all(kinds.flatMap((kind) => (kind ? [FaultHost.open(lab, kind)] : [])));
    const [first] = hosts;
    if (!first) throw new Error("--hosts takes at least 1.");
    const counts = await measureCommands(first);
    console.log(
      `commands: apply ${counts.apply}, with confirm ${counts.rpc}, undo ${counts.undo}, boot ${counts.boot}`,
    );
    if (!(await proveHarness(lab, counts))) {
      console.log("void: the harness does not see a missing safeguard");
      return 2;
    }
    let injected = 0;
    let reached = 0;
    let violations = 0;
    const trials = planTrials(size, counts, randomFrom(seed));
    await Promise.all(
      hosts.map((host) =>
        work(host, trials, (trial, result) => {
          write("agent.sh", host.kind, trial, result);
          if (trial.fault) injected += 1;
          if (trial.fault && result.reached) reached += 1;
          violations += result.violations.length;
          for (const violation of result.violations)
            console.log(
              `${violation}: ${inWords(trial)} on ${host.kind.tree} ${host.kind.init} at "${result.where}"`,
            );
        }),
      ),
    );
    for (const host of hosts) host.managed.forget();
    console.log(`injected ${injected} reached ${reached} violations ${violations}`);
    return violations > 0 || reached < injected * 0.75 ? 1 : 0;
  } finally {
    await lab.close();
  }
}

process.exitCode = await main();
