import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { type Lab, openLab } from "@/e2e/lab/lab";
import { type LockoutCase, lockoutCorpus } from "./lockout-corpus";
import {
  isFor,
  type LockoutHost,
  type LockoutResult,
  openLockoutHost,
  type Release,
  releases,
  type SoundResult,
  tryLockout,
  trySound,
} from "./lockout-trial";
import { randomFrom, shuffle } from "./random";
import { type SoundCase, soundCorpus } from "./sound-corpus";

/**
 * Every configuration of the corpus on every release: those that shut everybody out, and those that shut out nobody.
 *
 *   npm run test:lockouts -- [--hosts N a release] [--only TEXT of a name] [--minutes N]
 *
 * After `--minutes` nothing further is begun, and the figures say what was done. The sum is kept up to date in
 * test-results/lockouts-summary.json. Exit status: 0; 1 when a promise was not kept.
 */

const { values } = parseArgs({
  options: { hosts: { type: "string" }, only: { type: "string" }, minutes: { type: "string" } },
});
const untilMilliseconds = performance.now() + Number(values.minutes ?? 24 * 60) * 60_000;
const hostsEach = Number(values.hosts ?? 3);
const wanted = ({ name }: { name: string }) => values.only === undefined || name.includes(values.only);
const commit = execFileSync("git", ["rev-parse", "--short=12", "HEAD"], { encoding: "utf8" }).trim();

interface ReleaseFigures {
  lockouts: number;
  backInTime: number;
  longestOutageSeconds: number;
  refusedByAgent: number;
  refusedByDashboard: number;
  notRefused: number;
  sound: number;
  falseAlarms: number;
}

type Job =
  | { readonly kind: "lockout"; readonly test: LockoutCase }
  | { readonly kind: "sound"; readonly test: SoundCase };

/** Runs jobs on a host until none is left. */
async function work(
  host: LockoutHost,
  jobs: Job[],
  done: (result: LockoutResult | SoundResult) => void,
): Promise<void> {
  for (let job = jobs.shift(); job && performance.now() < untilMilliseconds; job = jobs.shift()) {
    const { kind, test } = job;
    const name = test.name;
    const { release } = host;
    try {
      done(kind === "lockout" ? await tryLockout(host, test) : await trySound(host, test));
    } catch (error) {
      const why = `the harness failed: ${error instanceof Error ? error.message : String(error)}`;
      const nothing = { refusedBy: null, reason: "", outageSeconds: 0, violations: [why] };
      done(kind === "lockout" ? { name, release, ...nothing } : { name, release, alarms: [why] });
    }
  }
}

interface Summary {
  readonly commit: string;
  readonly startedAt: string;
  seconds: number;
  readonly corpus: { readonly lockouts: number; readonly sound: number };
  readonly releases: Readonly<Record<Release, ReleaseFigures>>;
  readonly violations: string[];
}

function emptyFigures(): ReleaseFigures {
  return {
    lockouts: 0,
    backInTime: 0,
    longestOutageSeconds: 0,
    refusedByAgent: 0,
    refusedByDashboard: 0,
    notRefused: 0,
    sound: 0,
    falseAlarms: 0,
  };
}

/** Adds what one configuration came to. @returns what went wrong with it */
function addResult(figures: ReleaseFigures, result: LockoutResult | SoundResult): readonly string[] {
  if ("alarms" in result) {
    figures.sound += 1;
    if (result.alarms.length > 0) figures.falseAlarms += 1;
    return result.alarms;
  }
  figures.lockouts += 1;
  figures.longestOutageSeconds = Math.max(figures.longestOutageSeconds, result.outageSeconds);
  if (!result.violations.some((what) => what !== "nobody would have refused it beforehand"))
    figures.backInTime += 1;
  if (result.refusedBy === "agent") figures.refusedByAgent += 1;
  else if (result.refusedBy === "dashboard") figures.refusedByDashboard += 1;
  else figures.notRefused += 1;
  return result.violations;
}

async function runRelease(lab: Lab, release: Release, summary: Summary, save: () => void): Promise<void> {
  // In an order of its own, so that a run that is cut short has tried something of everything.
  const jobs = shuffle<Job>(
    [
      ...lockoutCorpus.map((test) => ({ kind: "lockout", test }) as const),
      ...soundCorpus.map((test) => ({ kind: "sound", test }) as const),
    ].filter(({ test }) => isFor(test, release) && wanted(test)),
    randomFrom(release),
  );
  const hosts = await Promise.all(Array.from({ length: hostsEach }, () => openLockoutHost(lab, release)));
  const done = (result: LockoutResult | SoundResult) => {
    for (const what of addResult(summary.releases[release], result)) {
      const line = `${releases[release]}: ${result.name}: ${what}`;
      summary.violations.push(line);
      console.log(line);
    }
    save();
  };
  await Promise.all(hosts.map((host) => work(host, jobs, done)));
  for (const { managed } of hosts) managed.forget();
}

async function main(): Promise<number> {
  const begun = performance.now();
  const summary: Summary = {
    commit,
    startedAt: new Date().toISOString(),
    seconds: 0,
    corpus: { lockouts: lockoutCorpus.length, sound: soundCorpus.length },
    releases: { 804: emptyFigures(), 902: emptyFigures(), 1000: emptyFigures() },
    violations: [],
  };
  mkdirSync("test-results", { recursive: true });
  const save = () => {
    summary.seconds = Math.round((performance.now() - begun) / 1000);
    const file = path.join("test-results", "lockouts-summary.json");
    writeFileSync(file, `${JSON.stringify(summary, null, 2)}\n`);
  };
  const all = [804, 902, 1000] as const;
  const lab = await openLab();
  try {
    await Promise.all(all.map((release) => runRelease(lab, release, summary, save)));
  } finally {
    await lab.close();
  }
  for (const release of all) {
    const of = summary.releases[release];
    const beforehand = `${of.notRefused} not refused beforehand, ${of.falseAlarms} false alarms on ${of.sound}`;
    const undone = `${of.backInTime} of ${of.lockouts} undone in time, longest outage ${of.longestOutageSeconds} s`;
    console.log(`${releases[release]}: ${undone}, ${beforehand}`);
  }
  console.log(`lockouts violations ${summary.violations.length}`);
  return summary.violations.length > 0 ? 1 : 0;
}

process.exitCode = await main();
