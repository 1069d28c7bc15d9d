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
import { type SoundCase, soundCorpus } from "./sound-corpus";

/**
 * Every configuration of the corpus on every release: those that shut everybody out, and those that shut out nobody.
 *
 *   npm run test:lockouts -- [--hosts N a release] [--only TEXT of a name]
 *
 * The sum is written to test-results/lockouts-summary.json. Exit status: 0; 1 when a promise was not kept.
 */

const { values } = parseArgs({ options: { hosts: { type: "string" }, only: { type: "string" } } });
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
  for (let job = jobs.shift(); job; job = jobs.shift()) {
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

async function runRelease(
  lab: Lab,
  release: Release,
  figures: ReleaseFigures,
  violations: string[],
): Promise<void> {
  const jobs: Job[] = [
    ...lockoutCorpus
      .filter((test) => isFor(test, release) && wanted(test))
      .map((test) => ({ kind: "lockout", test }) as const),
    ...soundCorpus
      .filter((test) => isFor(test, release) && wanted(test))
      .map((test) => ({ kind: "sound", test }) as const),
  ];
  const hosts = await Promise.all(Array.from({ length: hostsEach }, () => openLockoutHost(lab, release)));
  const done = (result: LockoutResult | SoundResult) => {
    const found = "alarms" in result ? result.alarms : result.violations;
    for (const what of found) {
      const line = `${releases[release]}: ${result.name}: ${what}`;
      violations.push(line);
      console.log(line);
    }
    if ("alarms" in result) {
      figures.sound += 1;
      if (result.alarms.length > 0) figures.falseAlarms += 1;
      return;
    }
    figures.lockouts += 1;
    figures.longestOutageSeconds = Math.max(figures.longestOutageSeconds, result.outageSeconds);
    if (!result.violations.some((what) => what !== "nobody would have refused it beforehand"))
      figures.backInTime += 1;
    if (result.refusedBy === "agent") figures.refusedByAgent += 1;
    else if (result.refusedBy === "dashboard") figures.refusedByDashboard += 1;
    else figures.notRefused += 1;
  };
  await Promise.all(hosts.map((host) => work(host, jobs, done)));
  for (const { managed } of hosts) managed.forget();
}

async function main(): Promise<number> {
  const startedAt = new Date().toISOString();
  const begun = performance.now();
  const violations: string[] = [];
  const empty = (): ReleaseFigures => ({
    lockouts: 0,
    backInTime: 0,
    longestOutageSeconds: 0,
    refusedByAgent: 0,
    refusedByDashboard: 0,
    notRefused: 0,
    sound: 0,
    falseAlarms: 0,
  });
  const figures: Record<Release, ReleaseFigures> = { 804: empty(), 902: empty(), 1000: empty() };
  const lab = await openLab();
  try {
    await Promise.all(
      ([804, 902, 1000] as const).map((release) => runRelease(lab, release, figures[release], violations)),
    );
  } finally {
    await lab.close();
  }
  const seconds = Math.round((performance.now() - begun) / 1000);
  const corpus = { lockouts: lockoutCorpus.length, sound: soundCorpus.length };
  mkdirSync("test-results", { recursive: true });
  writeFileSync(
    path.join("test-results", "lockouts-summary.json"),
    `${JSON.stringify({ commit, startedAt, seconds, corpus, releases: figures, violations }, null, 2)}\n`,
  );
  for (const release of [804, 902, 1000] as const) {
    const { lockouts, backInTime, longestOutageSeconds, sound, falseAlarms, notRefused } = figures[release];
    console.log(
      `${releases[release]}: ${backInTime} of ${lockouts} back, longest outage ${longestOutageSeconds} s, ${notRefused} not refused beforehand, ${falseAlarms} false alarms on ${sound}`,
    );
  }
  console.log(`lockouts violations ${violations.length}`);
  return violations.length > 0 ? 1 : 0;
}

process.exitCode = await main();
