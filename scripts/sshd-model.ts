/**
 * What sshd would answer, from the model in lib/sshd-config: cases as JSON lines on standard input, one answer a
 * line on standard output, in order. See lib/sshd-config/testing/corpus.ts for the shape of both.
 *
 *   npm run -s sshd-model -- --build deb12-9.2p1 [--world DIR]
 */
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { buildById, builds } from "@/lib/sshd-config/build";
import { answerCase, type Case } from "@/lib/sshd-config/testing/corpus";
import { loadWorld } from "@/lib/testing/sshd-corpus";

/** The corpus writes a byte that is no UTF-8 as `\\xNN`; the model holds it as a lone surrogate. */
function writeBytes(_key: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  return value.replace(/[\udc80-\udcff]/gu, (c) => `\\x${(c.charCodeAt(0) - 0xdc00).toString(16)}`);
}

function fail(message: string): never {
  process.stderr.write(`sshd-model: ${message}\n`);
  process.exit(64);
}

const { values } = parseArgs({ options: { build: { type: "string" }, world: { type: "string" } } });
const build = buildById(values.build ?? "");
if (!build) fail(`--build must be one of: ${builds.map((b) => b.id).join(", ")}`);
const world = loadWorld(values.world);

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === "") continue;
  const question = JSON.parse(line) as Case;
  const answer = JSON.stringify(answerCase(question, build, world), writeBytes);
  if (!process.stdout.write(`${answer}\n`))
    await new Promise((resolve) => process.stdout.once("drain", resolve));
}
