/**
 * What sshd would answer, from the model in lib/sshd-config: cases as JSON lines on standard input, one answer a
 * line on standard output, in order. See lib/sshd-config/testing/corpus.ts for the shape of both.
 *
 *   npm run -s sshd-model -- --build deb12-9.2p1 [--world DIR]
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { buildById, builds } from "@/lib/sshd-config/build";
import { answerCase, type Case, type TestWorld } from "@/lib/sshd-config/testing/corpus";
import { readWorld } from "@/lib/sshd-config/world";

const defaultWorld = path.resolve(import.meta.dirname, "../lib/sshd-config/testing/world");

function loadWorld(directory: string): TestWorld {
  const read = (name: string) => readFileSync(path.join(directory, name), "utf8");
  const keys = readdirSync(directory).filter((name) => name.endsWith(".pub"));
  return {
    world: readWorld({
      passwd: read("passwd"),
      group: read("group"),
      services: read("services"),
      hosts: read("hosts"),
    }),
    publicKeys: new Map(keys.map((name) => [name, read(name)])),
  };
}

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
const world = loadWorld(values.world ?? defaultWorld);

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === "") continue;
  const question = JSON.parse(line) as Case;
  const answer = JSON.stringify(answerCase(question, build, world), writeBytes);
  if (!process.stdout.write(`${answer}\n`))
    await new Promise((resolve) => process.stdout.once("drain", resolve));
}
