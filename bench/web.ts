/**
 * How long pages take while fifty people use them at once, over a fleet of a thousand hosts.
 *
 *   npm run bench:web -- [--hosts 1000] [--accounts 20] [--people 50] [--seconds 30] [--rounds 5]
 *
 * Needs the production build (`node scripts/ensure.mjs build`). The web process is the product's own, on loopback, over a
 * database of its own that is thrown away; the people are made by the product too, and signed in. Two ways of use: each
 * person opens a page, reads for one to three seconds and opens the next; and all of them open the same page in the very
 * same moment. Each page is read to its last byte. Figures: test-results/web-summary.json.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { cpus, loadavg, tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { OwnCluster } from "@/lib/testing/own-cluster";
import { addWebPeople, type WebPerson } from "@/lib/testing/web-people";
import { chooseWebPort, startWeb } from "@/lib/testing/web-process";

const { values } = parseArgs({
  options: {
    hosts: { type: "string", default: "1000" },
    accounts: { type: "string", default: "20" },
    people: { type: "string", default: "50" },
    seconds: { type: "string", default: "30" },
    rounds: { type: "string", default: "5" },
  },
});
const goalMilliseconds = 1000;
const size = {
  hosts: Number(values.hosts),
  accounts: Number(values.accounts),
  people: Number(values.people),
};
const agent = new Agent({ keepAlive: true, maxSockets: size.people });

interface Row {
  readonly use: "reading" | "same moment";
  readonly page: string;
  readonly milliseconds: number[];
}
const rows: Row[] = [];
function note(use: Row["use"], page: string, milliseconds: number): void {
  const found = rows.find((one) => one.use === use && one.page === page);
  if (found) found.milliseconds.push(milliseconds);
  else rows.push({ use, page, milliseconds: [milliseconds] });
}

/** Opens a page and reads all of it. @returns milliseconds @throws when it is not shown */
async function open(origin: string, address: string, person: WebPerson): Promise<number> {
  const from = performance.now();
  for (;;) {
    const answer = await ask(`${origin}${address}`, person.cookie);
    if (answer === "again") continue;
    if (answer.status !== 200 || answer.bytes < 1000)
      throw new Error(`${address} was answered ${answer.status} with ${answer.bytes} bytes`);
    return performance.now() - from;
  }
}

/** "again": the server closed a kept connection in the moment in which it was used; a browser then takes a new one. */
function ask(url: string, cookie: string): Promise<{ status: number; bytes: number } | "again"> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, headers: { cookie, accept: "text/html" } }, (response) => {
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, bytes }));
      response.on("error", reject);
    });
    request.on("error", (error) => (request.reusedSocket ? resolve("again") : reject(error)));
  });
}

/** A number from 0 to 1, the same in each run. */
function* dice(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state * 48_271) % 2_147_483_647;
    yield state / 2_147_483_647;
  }
}

/** A person who opens one page after the other, and reads each for one to three seconds. */
async function read(origin: string, person: WebPerson, seed: number, until: number): Promise<void> {
  const pages = Object.entries(person.pages);
  const throws = dice(seed + 1);
  await sleep(throws.next().value * 2000);
  for (let n = seed; performance.now() < until; n++) {
    const [page, address] = pages[n % pages.length] ?? ["", ""];
    note("reading", page, await open(origin, address, person));
    await sleep(1000 + throws.next().value * 2000);
  }
}

function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return Math.round(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0);
}

const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-bench-"));
await chooseWebPort();
const cluster = await OwnCluster.open(folder);
const startedAt = new Date().toISOString();
const begun = performance.now();
try {
  const people = await addWebPeople(cluster.db, size);
  const web = await startWeb();
  try {
    const [first] = people;
    // The first opening of each page compiles it.
    for (const address of Object.values(first?.pages ?? {}))
      if (first) await open(web.origin, address, first);
    const load = loadavg()[0] ?? 0;
    const until = performance.now() + Number(values.seconds) * 1000;
    await Promise.all(people.map((person, index) => read(web.origin, person, index, until)));
    for (let round = 0; round < Number(values.rounds); round++)
      for (const page of ["hosts", "host", "configuration", "change"] as const)
        await Promise.all(
          people.map(async (person) =>
            note("same moment", page, await open(web.origin, person.pages[page], person)),
          ),
        );
    const series = rows.map(({ use, page, milliseconds }) => ({
      use,
      page,
      times: milliseconds.length,
      medianMilliseconds: percentile(milliseconds, 0.5),
      p95Milliseconds: percentile(milliseconds, 0.95),
      mostMilliseconds: percentile(milliseconds, 1),
    }));
    console.log(`${size.hosts} hosts, ${size.people} people, load ${load.toFixed(1)} when it began`);
    console.table(series);
    const missed = series.filter(
      ({ use, p95Milliseconds }) => use === "reading" && p95Milliseconds > goalMilliseconds,
    );
    if (missed.length > 0) process.exitCode = 1;
    mkdirSync("test-results", { recursive: true });
    const summary = {
      commit: execFileSync("git", ["rev-parse", "--short=12", "HEAD"], { encoding: "utf8" }).trim(),
      startedAt,
      seconds: Math.round((performance.now() - begun) / 1000),
      machine: `${cpus()[0]?.model ?? "?"}, ${cpus().length} processors, Node ${process.version}`,
      load: Math.round(load * 10) / 10,
      ...size,
      series,
    };
    writeFileSync(path.join("test-results", "web-summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
  } finally {
    await web.stop();
  }
} finally {
  agent.destroy();
  await cluster.close();
  rmSync(folder, { recursive: true });
}
