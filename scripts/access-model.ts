/**
 * What sshd would do with logins, from the model in lib/access: cases as JSON lines on standard input, one answer a
 * line on standard output, in order. See lib/access/testing/corpus.ts for the shape of both.
 *
 *   npm run -s access-model -- --build deb12-9.2p1 [--world DIR]
 */
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { answerLogin, type LoginCase } from "@/lib/access/testing/corpus";
import { now } from "@/lib/clock";
import { buildById, builds } from "@/lib/sshd-config/build";
import { loadLoginWorld } from "@/lib/testing/login-corpus";

function fail(message: string): never {
  process.stderr.write(`access-model: ${message}\n`);
  process.exit(64);
}

const { values } = parseArgs({ options: { build: { type: "string" }, world: { type: "string" } } });
const build = buildById(values.build ?? "");
if (!build) fail(`--build must be one of: ${builds.map((b) => b.id).join(", ")}`);
const world = loadLoginWorld(values.world);
const moment = Math.floor(now().getTime() / 1000);

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === "") continue;
  const question = JSON.parse(line) as LoginCase;
  const answer = JSON.stringify(answerLogin(question, build, world, moment));
  if (!process.stdout.write(`${answer}\n`))
    await new Promise((resolve) => process.stdout.once("drain", resolve));
}
