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
  type Role,
  randomFrom,
  type Trial,
} from "./fault-plan";
import { deadlineSeconds, runTrial, type TrialResult } from "./fault-trial";
import type { AppliedChange } from "./managed-host";

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
const subsetTrials = 80;
const fullTrials = 480;
const neverReached = 1_000_000;

function number(text: string | undefined, otherwise: number, name: string): number {
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} takes a whole number, not "${text}".`);
  return Number(text);
}

const size = number(values.trials, values.subset ? subsetTrials : fullTrials, "trials");
/** A full run looks for what nobody has seen; the subset, run for each commit, must fail for the commit's own sake. */
const subsetSeed = 408_390_289;
const seed = number(values.seed, values.subset ? subsetSeed : Date.now() % 1_000_000_000, "seed");
const hostCount = number(values.hosts, 8, "hosts");
const commit = execFileSync("git", ["rev-parse", "--short=12", "HEAD"], { encoding: "utf8" }).trim();
const record = path.join("test-results", "faults.jsonl");

function write(agent: string, host: HostKind, trial: Trial, result: TrialResult): void {
  appendFileSync(record, `${JSON.stringify({ commit, seed, agent, host, trial, ...result })}\n`);
}

/** How many commands each role runs, counted on three hosts by shims that never fire. */
async function measureCommands(hosts: readonly FaultHost[]): Promise<CommandCounts> {
  const [one, two, three] = [0, 1, 2].map((index) => hosts[index % hosts.length]);
  if (!one || !two || !three) throw new Error("There is no host to measure on.");
  const [{ apply, rpc }, undo, boot] = await Promise.all([countVerbs(one), countUndo(two), countBoot(three)]);
  return { apply, rpc, undo, boot };
}

/** Applies a harmless change whose commands are counted. */
async function applyCounted(host: FaultHost, role: Role, deadline: number): Promise<AppliedChange> {
  await host.reset();
  await host.arm({ role, number: neverReached, kind: "kill" });
  const change = await host.managed.apply(`${host.base}# counted\n`, { base: host.baseSha256, deadline });
  if (change.answer.error) throw new Error(`The change to count was refused: ${change.answer.message}`);
  return change;
}

async function countOf(host: FaultHost): Promise<number> {
  return (await host.snapshot())?.count ?? 0;
}

async function countVerbs(host: FaultHost): Promise<{ apply: number; rpc: number }> {
  const change = await applyCounted(host, "rpc", 60);
  const apply = await countOf(host);
  const confirmed = await host.managed.confirm(change);
  if (confirmed.error) throw new Error(`The change to count was not confirmed: ${confirmed.message}`);
  return { apply, rpc: await countOf(host) };
}

async function countUndo(host: FaultHost): Promise<number> {
  await applyCounted(host, "undo", deadlineSeconds);
  await host.managed.waitForEnd(60);
  return countOf(host);
}

async function countBoot(host: FaultHost): Promise<number> {
  await applyCounted(host, "boot", 600);
  await host.cutPower();
  await host.managed.waitForEnd(60);
  return countOf(host);
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
    const startedAt = performance.now();
    const result = await runTrial(host, trial).catch((error: unknown) => ({
      reached: false,
      where: "",
      state: "unknown",
      violations: [`the harness failed: ${error instanceof Error ? error.message : String(error)}`],
      seconds: Math.round((performance.now() - startedAt) / 1000),
    }));
    done(trial, result);
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
    const plain = hosts.filter(({ kind }) => kind.init === "none");
    const counts = await measureCommands(plain.length > 0 ? plain : hosts);
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
