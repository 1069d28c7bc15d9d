/**
 * One change of sshd_config to 1, 10 and 50 real hosts: through Gatehouse with all its safety, and as others do it.
 *
 *   npm run bench:push -- [--hosts 1,10,50] [--rounds 3] [--only gatehouse,unsafe,pssh,ansible] [--minutes N]
 *
 * Needs root and the lab (docs/lab.md). Gatehouse is its own worker process, a PostgreSQL that writes to disk, and the agent
 * on each host: its time runs from the person's "Apply" to the last fresh login that has confirmed. Planning (the host is
 * asked what the change would do, before a person decides) is told apart, since nobody else does it. Ansible and pssh are
 * those of the PATH, and skipped where they are missing. All of them run on the same machine as the hosts, in turns, round
 * by round; the load of the machine is told with each figure. Figures: test-results/push-summary.json.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { ansible, isThere, type Peer, type Pushed, pssh, unsafe } from "@/bench/push/peers";
import { gatehouse } from "@/bench/push/product";
import { type Lab, type LabHost, openLab } from "@/e2e/lab/lab";
import { PYTHON_TREE } from "@/e2e/lab/tree";
import { OwnCluster } from "@/lib/testing/own-cluster";

const { values } = parseArgs({
  options: {
    hosts: { type: "string", default: "1,10,50" },
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "gatehouse,unsafe,pssh,ansible" },
    minutes: { type: "string", default: "60" },
  },
});
const sizes = values.hosts.split(",").map(Number);
const rounds = Number(values.rounds);
const only = new Set(values.only.split(","));
const untilMilliseconds = performance.now() + Number(values.minutes) * 60_000;
const main = "/etc/ssh/sshd_config";
/** Hosts that are started at once: each costs most of a processor for a moment. */
const startedAtOnce = 4;

/** What was measured of one tool at one number of hosts, one entry a round. */
interface Series {
  readonly tool: string;
  readonly hosts: number;
  readonly seconds: number[];
  /** Gatehouse only. */
  readonly planSeconds: number[];
  readonly processorMilliseconds: number[];
  readonly mebibytes: number[];
  /** Of one minute, when the push began. */
  readonly load: number[];
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
}

const round = (n: number) => Math.round(n * 100) / 100;

async function startHosts(lab: Lab, count: number): Promise<LabHost[]> {
  const hosts: LabHost[] = [];
  let left = count;
  const start = async () => {
    while (left-- > 0) hosts.push(await lab.start(only.has("ansible") ? PYTHON_TREE : "bookworm"));
  };
  await Promise.all(Array.from({ length: startedAtOnce }, start));
  return hosts;
}

/** The text with a line of this round in front: a value that keeps nobody out. */
function edited(text: string, wish: number): string {
  return `ClientAliveInterval ${wish}\n${text.replace(/^ClientAliveInterval \d+\n/m, "")}`;
}

/** @throws when the file of a host is not the one that was pushed: a quick push of nothing is no push */
async function verify(peer: Peer, hosts: readonly LabHost[], wish: number): Promise<void> {
  for (const host of hosts)
    if (!(await host.read(main)).startsWith(`ClientAliveInterval ${wish}\n`))
      throw new Error(`${peer.name} did not change ${host.name}.`);
}

const series: Series[] = [];
function seriesOf(tool: string, hosts: number): Series {
  const found = series.find((one) => one.tool === tool && one.hosts === hosts);
  if (found) return found;
  const made = {
    tool,
    hosts,
    seconds: [],
    planSeconds: [],
    processorMilliseconds: [],
    mebibytes: [],
    load: [],
  };
  series.push(made);
  return made;
}

function note(tool: string, hosts: number, load: number, pushed: Pushed): void {
  const of = seriesOf(tool, hosts);
  of.seconds.push(round(pushed.seconds));
  if (pushed.planSeconds !== undefined) of.planSeconds.push(round(pushed.planSeconds));
  of.processorMilliseconds.push(Math.round(pushed.processorMilliseconds));
  of.mebibytes.push(Math.round(pushed.mebibytes));
  of.load.push(round(load));
  const plan = pushed.planSeconds === undefined ? "" : `, planned in ${pushed.planSeconds.toFixed(2)} s`;
  console.log(`${hosts} hosts  ${pushed.seconds.toFixed(2)} s${plan}  load ${load.toFixed(1)}  ${tool}`);
}

function summary() {
  const ours = series.find(({ planSeconds }) => planSeconds.length > 0)?.tool;
  return series.map((one) => {
    const base = series.find(({ tool, hosts }) => tool === ours && hosts === one.hosts);
    const seconds = median(one.seconds);
    return {
      ...one,
      medianSeconds: round(seconds),
      ...(one.planSeconds.length > 0 && { medianPlanSeconds: round(median(one.planSeconds)) }),
      ratioToGatehouse: base ? round(seconds / median(base.seconds)) : null,
      processorMillisecondsPerHost: round(median(one.processorMilliseconds) / one.hosts),
      mostMebibytes: Math.max(...one.mebibytes),
      medianLoad: round(median(one.load)),
    };
  });
}

const begun = performance.now();
const commit = execFileSync("git", ["rev-parse", "--short=12", "HEAD"], { encoding: "utf8" }).trim();
const startedAt = new Date().toISOString();
function save(): void {
  mkdirSync("test-results", { recursive: true });
  const machine = `${cpus()[0]?.model ?? "?"}, ${cpus().length} processors, Node ${process.version}`;
  const seconds = Math.round((performance.now() - begun) / 1000);
  const text = JSON.stringify({ commit, startedAt, seconds, machine, series: summary() }, null, 2);
  writeFileSync(path.join("test-results", "push-summary.json"), `${text}\n`);
}

if (only.has("ansible") && !isThere("ansible-playbook")) only.delete("ansible");
if (only.has("pssh") && !isThere("parallel-ssh")) only.delete("pssh");

const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-bench-"));
const cluster = await OwnCluster.open(folder);
const lab = await openLab();
const peers: Peer[] = [];
try {
  const hosts = await startHosts(lab, Math.max(...sizes));
  console.log(`${hosts.length} hosts have started after ${Math.round((performance.now() - begun) / 1000)} s`);
  if (only.has("gatehouse")) peers.push(await gatehouse(cluster, lab, hosts));
  if (only.has("unsafe")) peers.push(await unsafe(lab));
  if (only.has("pssh")) peers.push(pssh(lab, folder));
  if (only.has("ansible")) peers.push(ansible(lab, folder));
  console.log(`ready after ${Math.round((performance.now() - begun) / 1000)} s`);
  let wish = 100;
  // The first push of each warms it up (caches, compiled code), and is not counted.
  for (const [index, size] of [1, ...sizes].entries())
    for (let n = 0; n < (index === 0 ? 1 : rounds) && performance.now() < untilMilliseconds; n++)
      for (const peer of peers) {
        wish += 1;
        const some = hosts.slice(0, size);
        await peer.prepare?.(some);
        const load = loadavg()[0] ?? 0;
        const pushed = await peer.push(some, (text) => edited(text, wish));
        await verify(peer, some, wish);
        if (index === 0) continue;
        note(peer.name, size, load, pushed);
        save();
      }
  console.table(
    summary().map(
      ({
        tool,
        hosts: count,
        medianSeconds,
        ratioToGatehouse,
        processorMillisecondsPerHost,
        mostMebibytes,
        medianLoad,
      }) => ({
        tool: tool.split(" (")[0],
        hosts: count,
        seconds: medianSeconds,
        ratio: ratioToGatehouse,
        "processor ms/host": processorMillisecondsPerHost,
        MiB: mostMebibytes,
        load: medianLoad,
      }),
    ),
  );
} finally {
  for (const peer of peers) await peer.close();
  await lab.close();
  await cluster.close();
  rmSync(folder, { recursive: true });
}
