/**
 * Tries generated worlds by real logins, and prints where model and sshd disagree.
 *
 *   npm run access-worlds -- [--worlds 300] [--seed N] [--suites bookworm,trixie] [--show 20] [--agent-each 50]
 *
 * Exit code 1 when anything differs. Needs root on Linux.
 */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { type FoundDifference, tryInRoom } from "@/e2e/access-worlds/rooms";

const { values } = parseArgs({
  options: {
    worlds: { type: "string", default: "300" },
    seed: { type: "string", default: String(randomInt(2 ** 31)) },
    suites: { type: "string", default: "bookworm,trixie" },
    show: { type: "string", default: "20" },
    "agent-each": { type: "string", default: "50" },
  },
});
const [worlds, seed, show, agentEach] = [values.worlds, values.seed, values.show, values["agent-each"]].map(
  Number,
);
for (const number of [worlds, seed, show, agentEach])
  if (number === undefined || !Number.isSafeInteger(number) || number < 0)
    throw new Error("--worlds, --seed, --show and --agent-each take whole numbers");

function print(suite: string, { id, isByAgent, model, real, attempt, world, log }: FoundDifference): void {
  console.log(
    `\n${suite} ${id}: sshd ${real}, the model ${model}${isByAgent ? " (facts of the agent)" : ""}`,
  );
  console.log(`  ${JSON.stringify(attempt)}`);
  for (const line of world.config) console.log(`  | ${line}`);
  for (const account of world.accounts)
    if (account.name === attempt.user) console.log(`  ${JSON.stringify(account)}`);
  for (const [path, file] of Object.entries(world.files)) console.log(`  ${path} ${JSON.stringify(file)}`);
  for (const [name, terms] of Object.entries(world.certificates))
    console.log(`  ${name} ${JSON.stringify(terms)}`);
  for (const line of log.trim().split("\n").slice(-6)) console.log(`  > ${line}`);
}

let different = 0;
await Promise.all(
  values.suites.split(",").map(async (suite) => {
    const started = performance.now();
    const campaign = {
      seed: seed ?? 0,
      worlds: worlds ?? 0,
      mostToMinimize: show ?? 0,
      agentEach: agentEach ?? 0,
    };
    const { differences, summary } = await tryInRoom(suite, campaign);
    for (const difference of differences.slice(0, show)) print(suite, difference);
    different += differences.length;
    const { kind: _, ...counts } = summary;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${suite}: ${JSON.stringify(counts)}, ${seconds} s`);
  }),
);
console.log(`seed ${values.seed}: ${different} different`);
process.exitCode = different === 0 ? 0 : 1;
