import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, type LabHost, openLab } from "@/e2e/lab/lab";
import { type ChangeState, isEnded, isPending } from "@/lib/change/machine";
import { addMarker, stripMarker } from "@/lib/change/marker";
import { now } from "@/lib/clock";
import { verifyChain } from "@/lib/db/activity-chain";
import { applyChange, planChange } from "@/lib/features/changes/commands";
import { getChange } from "@/lib/features/changes/queries";
import type { ChangeView } from "@/lib/features/changes/views";
import { getHostConfig } from "@/lib/features/config/queries";
import { addActor, origin } from "@/lib/testing/arrange";
import { enrolLabHost } from "@/lib/testing/enrolled-host";
import { OwnCluster } from "@/lib/testing/own-cluster";
import { Dice } from "@/lib/testing/tampering";
import { WorkerProcess } from "@/lib/testing/worker-process";
import { type Actor, act, read } from "@/lib/usecase";

// One round: a change to each host at once, two workers, and a fault after so much progress. GATEHOUSE_WORKER_FAULTS=40
// is `npm run test:worker-faults`; without it one round of the kind that leaves least behind.

const faults = ["kill-one", "kill-both", "stop-database", "kill-database", "kill-all"] as const;
type Fault = (typeof faults)[number];
/** For each commit: no worker is left, and no database. */
const shortFaults: readonly Fault[] = ["kill-all"];
/** What a change of ours takes, each in a row of its own: told, sent, in force, kept. */
const stepsOfChange = 4;

const isFull = process.env.GATEHOUSE_WORKER_FAULTS !== undefined;
const rounds = Number(process.env.GATEHOUSE_WORKER_FAULTS ?? shortFaults.length);
const kinds = isFull ? faults : shortFaults;
const hostCount = Number(process.env.GATEHOUSE_WORKER_FAULTS_HOSTS ?? (isFull ? 5 : 2));
const seed = Number(process.env.GATEHOUSE_WORKER_FAULTS_SEED ?? 1);
/** A campaign that was stopped goes on from here. */
const first = Number(process.env.GATEHOUSE_WORKER_FAULTS_FROM ?? 0);
const deadlineSeconds = 30;
/** Nothing may be pending later than this. For each commit a hang is what counts: its machine may be a slow one. */
const limitSeconds = isFull ? 2 * deadlineSeconds : 240;
const main = "/etc/ssh/sshd_config";
const record = path.resolve(import.meta.dirname, "../../../test-results/worker-faults.jsonl");

const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-worker-faults-"));
let cluster: OwnCluster;
let lab: Lab;
let ada: Actor;
let workers: WorkerProcess[] = [];
const hosts: { host: LabHost; hostId: string }[] = [];

beforeAll(async () => {
  mkdirSync(path.dirname(record), { recursive: true });
  cluster = await OwnCluster.open(folder);
  ada = await addActor(cluster.db, "admin", "Ada");
  lab = await openLab();
  workers = await Promise.all([WorkerProcess.start(), WorkerProcess.start()]);
  for (let n = 0; n < hostCount; n += 1) {
    const host = await lab.start("bookworm");
    hosts.push({ host, hostId: await enrolLabHost(cluster.db, host) });
  }
  for (const { hostId } of hosts)
    await until("it is read", async () => (await cluster.db.configFile.count({ where: { hostId } })) > 0, 60);
});
afterAll(async () => {
  for (const worker of workers) await worker.kill();
  await lab?.close();
  await cluster?.close();
  rmSync(folder, { recursive: true });
});

/** Waits on meaning. What fails meanwhile (no database) is looked at again. */
async function until<T>(what: string, look: () => Promise<T | false>, seconds: number): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const found = await look().catch(() => false as const);
    if (found) return found;
    if (performance.now() > end)
      throw new Error(
        `waited ${seconds} s until ${what}\n${workers.map(({ output }) => output).join("\n--\n")}`,
      );
    await sleep(20);
  }
}

const view = (changeId: string) => read(getChange, { changeId }, ada, origin);

/** A change of one line, planned; `wish` makes each one another. */
async function plan(hostId: string, wish: number): Promise<string> {
  const config = await read(getHostConfig, { hostId }, ada, origin);
  const file = config.files.find((one) => one.path === main);
  if (!file) throw new Error(`no ${main}`);
  const content = `ClientAliveInterval ${wish}\n${file.content.replace(/^ClientAliveInterval \d+\n/, "")}`;
  const input = { fileId: file.id, baseSha256: file.sha256, content };
  const { changeId } = await act(planChange, input, ada, origin);
  await until("it is planned", async () => (await view(changeId)).state === "planned", 60);
  return changeId;
}

/** How far the changes of a round are: grows with each step that any of them takes. */
async function progressOf(ids: readonly string[]): Promise<number> {
  const [steps, sent] = await Promise.all([
    cluster.db.changeStep.count({ where: { changeId: { in: [...ids] } } }),
    cluster.db.change.count({ where: { id: { in: [...ids] }, sentAt: { not: null } } }),
  ]);
  return steps + sent;
}

const inject: Record<Fault, (dice: Dice) => Promise<void>> = {
  "kill-one": async (dice) => void (await workers[dice.below(2)]?.kill()),
  "kill-both": async () => void (await Promise.all(workers.map((worker) => worker.kill()))),
  "stop-database": async (dice) => {
    await cluster.stop();
    await sleep(dice.below(3000));
    await cluster.start();
  },
  "kill-database": async (dice) => {
    await cluster.kill();
    await sleep(dice.below(3000));
    await cluster.start();
  },
  "kill-all": async () => {
    await Promise.all([...workers.map((worker) => worker.kill()), cluster.kill()]);
    await cluster.start();
  },
};

/** What a supervisor does: a worker that has ended is started again. */
async function superviseWorkers(): Promise<void> {
  workers = await Promise.all(
    workers.map(async (worker) => (worker.hasEnded ? WorkerProcess.start() : worker)),
  );
}

/** What is wrong with a change that has ended, by the host's own word. */
async function violationsOf({ host, hostId }: (typeof hosts)[number], change: ChangeView): Promise<string[]> {
  const { hostRef } = await cluster.db.change.findUniqueOrThrow({ where: { id: change.id } });
  const live = await host.read(main);
  const history = (await host.exec("cat /var/lib/gatehouse/history; cat /var/lib/gatehouse/state")).stdout;
  const lines = history.split("\n").filter((line) => line.includes(` ${hostRef} `));
  const found: string[] = [];
  const isLive = live === addMarker(change.content, hostRef);
  if (isLive !== (change.state === "confirmed"))
    found.push(
      `the page says ${change.state} (${change.outcome}), the file is ${isLive ? "the new one" : "not"}`,
    );
  if (lines.length > 1) found.push(`applied ${lines.length} times`);
  if (
    lines.length === 1 &&
    !lines[0]?.includes(change.state === "confirmed" ? " confirmed " : " rolled-back ")
  )
    found.push(`the page says ${change.state}, the host ${lines[0]}`);
  if (lines.length === 0 && change.state !== "refused" && change.state !== "rolled_back")
    found.push(`the page says ${change.state}, and the host knows nothing of it`);
  if (!/^state=(confirmed|rolled-back|idle)$/m.test(history)) found.push("the host has something pending");
  if (!(await host.login("alice", { command: "true" })).ok) found.push("alice cannot log in");
  const rows = await cluster.db.activity.findMany({ where: { action: "change.apply", targetId: change.id } });
  const results = rows.filter(({ outcome }) => outcome !== "intent");
  if (rows.length !== 2 || results.length !== 1)
    found.push(`${rows.length} rows of activity, ${results.length} of them ends`);
  const shown = await until(
    "the page shows the live file",
    async () => {
      const config = await read(getHostConfig, { hostId }, ada, origin);
      return config.files.find((one) => one.path === main)?.content === stripMarker(live);
    },
    60,
  ).catch(() => false);
  if (!shown) found.push("the page of the configuration shows another file than the host has");
  return found;
}

async function playRound(round: number): Promise<{ reached: boolean; violations: string[]; fault: Fault }> {
  const fault = kinds[round % kinds.length] ?? "kill-both";
  const dice = new Dice(seed * 1000 + round);
  ada = { ...ada, steppedUpAt: now() }; // a campaign takes longer than a touch holds
  const ids = await Promise.all(hosts.map(({ hostId }) => plan(hostId, 20 + round)));
  const before = await progressOf(ids);
  // Over the rounds the fault comes at each step from the apply to the end.
  const point = Math.floor(((round + 0.5) * hostCount * stepsOfChange) / rounds);
  const pauseMs = dice.below(120);
  await Promise.all(
    ids.map((changeId) => act(applyChange, { changeId, keepBy: "login", deadlineSeconds }, ada, origin)),
  );
  const appliedAt = performance.now();
  await until(
    `${point} steps`,
    async () => {
      const states = await cluster.db.change.findMany({
        where: { id: { in: ids } },
        select: { state: true },
      });
      return (
        (await progressOf(ids)) - before > point || states.every(({ state }) => isEnded(state as ChangeState))
      );
    },
    60,
  );
  await sleep(pauseMs);
  const then = await cluster.db.change.findMany({ where: { id: { in: ids } }, select: { state: true } });
  const reached = then.some(({ state }) => isPending(state as ChangeState));
  await inject[fault](dice);
  await superviseWorkers();

  const violations: string[] = [];
  const left = limitSeconds - (performance.now() - appliedAt) / 1000;
  const ended = async () => {
    await superviseWorkers();
    const views = await Promise.all(ids.map(view));
    return views.every(({ state }) => isEnded(state)) && views;
  };
  const views = await until("all have ended", ended, left).catch(async () => {
    const states = await Promise.all(ids.map(async (id) => (await view(id)).state));
    violations.push(`pending after ${limitSeconds} s: ${states.join(" ")}`);
    return until("all have ended at last", ended, 180).catch((error) => {
      appendFileSync(record, `${JSON.stringify({ round, fault, point, violations })}\n`);
      throw new Error(violations.join("\n"), { cause: error });
    });
  });
  const seconds = Math.round((performance.now() - appliedAt) / 100) / 10;
  for (const [index, change] of views.entries()) {
    const host = hosts[index];
    if (host) violations.push(...(await violationsOf(host, change)));
  }
  const states = views.map(({ state }) => state);
  const line = {
    test: "worker-faults",
    seed,
    round,
    fault,
    point,
    pauseMs,
    reached,
    seconds,
    states,
    violations,
  };
  appendFileSync(record, `${JSON.stringify(line)}\n`);
  console.log(JSON.stringify(line));
  return { reached, violations, fault };
}

test(
  `${rounds} faults during changes to ${hostCount} hosts: each ends, once, and the pages tell the truth`,
  async () => {
    const played: Awaited<ReturnType<typeof playRound>>[] = [];
    for (let round = first; round < rounds; round += 1) played.push(await playRound(round));
    const violations = played.flatMap((one) => one.violations);
    const reached = played.filter((one) => one.reached).length;
    expect(verifyChain(await cluster.db.activity.findMany({ orderBy: { seq: "asc" } }))).toEqual([]);
    console.log(
      JSON.stringify({
        test: "worker-faults",
        injected: played.length,
        reached,
        violations: violations.length,
      }),
    );
    expect(violations).toEqual([]);
    // A fault after the last change has ended proves nothing.
    expect(reached).toBeGreaterThanOrEqual(Math.ceil(played.length * 0.8));
  },
  rounds * 300_000,
);
