/**
 * Feeds odd texts to the parser, and some to all else an editor does with them: no throw, no lost byte, nothing over
 * 50 ms.
 *
 *   npm run fuzz:sshd-config -- [--runs 1000000] [--seed N]
 *
 * Guided by coverage: texts that run a block of our code that none before them ran are kept, and others are made of
 * them. Exit code 1 with the text when something is found.
 */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { startCoverage } from "@/bench/coverage";
import { type Build, builds } from "@/lib/sshd-config/build";
import { exercise, exerciseParser, fuzzSeeds, fuzzText } from "@/lib/sshd-config/testing/fuzz";
import { seededChoices } from "@/lib/sshd-config/testing/random";

/** Of this process, so that a busy machine is not taken for a slow text. */
const hangMilliseconds = 50;
/** Looking at the coverage costs milliseconds, so that many texts share it. */
const batchSize = 25;
/** So many texts at most are tried with coverage: counting blocks makes the code slow, and few are new after these. */
const guidedTexts = 10_000;
/** Every text is parsed, and one of so many also checked, evaluated, coloured and completed. */
const wholeEvery = 20;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "1000000" },
    seed: { type: "string", default: String(randomInt(2 ** 31)) },
  },
});
const runs = Number(values.runs);
const seed = Number(values.seed);
if (!Number.isSafeInteger(runs) || runs < 1 || !Number.isSafeInteger(seed))
  throw new Error("--runs and --seed take whole numbers, --runs at least 1");

const r = seededChoices(seed);
const pool = fuzzSeeds(seed, 500);
let slowest = 0;
let failures = 0;

function report(text: string, build: string, what: string): void {
  failures++;
  console.log(`${what}\n  build ${build}, text ${JSON.stringify(text)}`);
}

function timed(text: string, build: Build, whole: boolean): number {
  const from = process.cpuUsage();
  if (whole) exercise(text, build);
  else exerciseParser(text, build);
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1000;
}

function tryText(text: string, whole: boolean): void {
  // The same text always goes to the same build, so that what it does can be repeated.
  const build = builds[text.length % builds.length]!;
  try {
    let took = timed(text, build, whole);
    // The collector or the compiler may have been at work: the best of four counts.
    if (took > hangMilliseconds) {
      took = Math.min(took, ...Array.from({ length: 3 }, () => timed(text, build, whole)));
      if (took > hangMilliseconds) report(text, build.id, `took ${took.toFixed(0)} ms`);
    }
    slowest = Math.max(slowest, took);
  } catch (error) {
    report(text, build.id, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

const started = performance.now();
const guided = Math.min(runs, guidedTexts);
const coverage = startCoverage("/lib/sshd-config/");
for (const text of pool) tryText(text, true);
const seen = coverage.take();

let done = 0;
while (done < guided) {
  const batch = Array.from({ length: Math.min(batchSize, guided - done) }, () => fuzzText(pool, r));
  for (const text of batch) tryText(text, true);
  done += batch.length;
  const before = seen.size;
  for (const block of coverage.take()) seen.add(block);
  // Which of them it was costs more to find than the others cost as company.
  if (seen.size > before) pool.push(...batch);
}
coverage.stop();
const grown = pool.length;
for (; done < runs; done++) tryText(fuzzText(pool, r), done % wholeEvery === 0);

const seconds = (performance.now() - started) / 1000;
console.log(
  `seed ${seed}: ${done} texts in ${seconds.toFixed(0)} s (${guided} guided), ${seen.size} blocks run, ` +
    `pool ${grown}, slowest ${slowest.toFixed(1)} ms, ${failures} found`,
);
process.exitCode = failures === 0 ? 0 : 1;
