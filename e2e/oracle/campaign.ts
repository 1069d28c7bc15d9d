/**
 * Asks real sshds about many generated configurations, and prints where the model disagrees.
 *
 *   npm run oracle -- [--cases 2000] [--seed N] [--suites bullseye,bookworm,trixie] [--show 20]
 *
 * Exit code 1 when anything differs. Needs root on Linux.
 */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { type Difference, findDifferences } from "@/e2e/oracle/compare";
import { openRealSshd } from "@/e2e/oracle/real-sshd";
import { prepareSubject, stableSuites } from "@/e2e/oracle/trees";
import { generateCases } from "@/lib/sshd-config/testing/generate";

/** So many cases are written at once: enough that starting a shell costs nothing. */
const batchSize = 400;

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "2000" },
    seed: { type: "string", default: String(randomInt(2 ** 31)) },
    suites: { type: "string", default: stableSuites.join(",") },
    show: { type: "string", default: "20" },
  },
});

const count = Number(values.cases);
const seed = Number(values.seed);
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed))
  throw new Error("--cases and --seed take whole numbers, --cases at least 1");

function print({ question, what }: Difference, suite: string): void {
  const { id, files, args, queries: _, ...rest } = question;
  console.log(`\n${suite} ${id} ${JSON.stringify({ ...rest, ...(args && { args }), files })}`);
  for (const line of what.slice(0, 6)) console.log(`  ${line}`);
}

const sshd = await openRealSshd();
let total = 0;
let different = 0;
try {
  const suites = values.suites.split(",");
  for (const [i, suite] of suites.entries()) {
    const { tree, build } = await prepareSubject(suite);
    const started = performance.now();
    const share = Math.floor(count / suites.length) + (i < count % suites.length ? 1 : 0);
    let wrong = 0;
    // Every sshd is asked something else.
    const all = [...generateCases(seed + i, share, { odd: 0.3 })];
    for (let from = 0; from < all.length; from += batchSize) {
      const cases = all.slice(from, from + batchSize);
      const real = await sshd.ask(tree, cases);
      for (const difference of findDifferences(cases, real, build, sshd.world)) {
        if (different++ < Number(values.show)) print(difference, suite);
        wrong++;
      }
    }
    total += all.length;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(
      `${build.id} (${build.matchedVersion}): ${all.length} cases, ${wrong} different, ${seconds} s`,
    );
  }
} finally {
  await sshd.close();
}
console.log(`seed ${seed}: ${total} cases, ${different} different`);
process.exitCode = different === 0 ? 0 : 1;
