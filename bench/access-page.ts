/**
 * How long the page Access takes over a large fleet: what the server reads for each of its views, in a database of its
 * own.
 *
 *   npm run bench:access-page -- [--hosts 1000] [--accounts 50] [--rounds 15]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { startCluster } from "@/lib/db/embedded/cluster.mjs";
import { applyMigrations } from "@/lib/db/migrations.mjs";
import { measureFleet } from "@/lib/testing/measure-fleet";

const { values } = parseArgs({
  options: {
    hosts: { type: "string", default: "1000" },
    accounts: { type: "string", default: "50" },
    rounds: { type: "string", default: "15" },
  },
});
const goalMilliseconds = 1000;
const hosts = Number(values.hosts);
const accounts = Number(values.accounts);

const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-bench-"));
const cluster = await startCluster(path.join(folder, "postgres"), { durable: false });
try {
  await applyMigrations(cluster.url, path.resolve(import.meta.dirname, "../prisma/migrations"));
  const { ways, views } = await measureFleet(cluster.url, { hosts, accounts, rounds: Number(values.rounds) });
  console.log(`${hosts} hosts, ${accounts} accounts a host, ${ways} ways`);
  for (const { what, medianMilliseconds, p95Milliseconds } of views) {
    const isMissed = p95Milliseconds > goalMilliseconds;
    if (isMissed) process.exitCode = 1;
    const times = `${medianMilliseconds.toFixed(0).padStart(6)} ms median, ${p95Milliseconds.toFixed(0).padStart(6)} ms p95`;
    console.log(`${times}   ${what}${isMissed ? "  (goal 1,000 ms, MISSED)" : ""}`);
  }
} finally {
  await cluster.stop();
  rmSync(folder, { recursive: true });
}
