import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attachLab, openLabNames } from "@/e2e/lab/lab";
import { type Db, openPrisma } from "@/lib/db/client";
import { runningUrl } from "@/lib/db/embedded/cluster.mjs";
import { findTimeStep } from "@/lib/otp/totp";

// The demo as `npm run demo` runs it, but for the web pages, which would have to be built.

const temporary = mkdtempSync(path.join(tmpdir(), "demo-test-"));
let demo: ChildProcess;
let output = "";
let port: number;
let db: Db;

beforeAll(async () => {
  port = await findFreePort();
  const { PATH, GATEHOUSE_LAB_CACHE } = process.env;
  demo = spawn(process.execPath, ["--import", "tsx", "scripts/demo/testing/launch.ts"], {
    cwd: path.resolve(import.meta.dirname, ".."),
    env: { PATH, GATEHOUSE_LAB_CACHE, NODE_ENV: "production", TMPDIR: temporary, PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [demo.stdout, demo.stderr])
    stream?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  while (!output.includes("A root shell on a server")) {
    if (demo.exitCode !== null) throw new Error(`the demo ended with ${demo.exitCode}:\n${output}`);
    await sleep(50);
  }
  const [folder = ""] = dataFolders();
  const url = runningUrl(path.join(temporary, folder, "postgres"));
  if (!url) throw new Error(`no database runs on ${folder}`);
  db = openPrisma(url, 2);
});
afterAll(async () => {
  await db?.$disconnect();
  if (demo?.exitCode === null) demo.kill("SIGKILL");
  rmSync(temporary, { recursive: true, force: true });
});

function dataFolders(): string[] {
  return readdirSync(temporary).filter((name) => name.startsWith("gatehouse-demo-"));
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || !address) throw new Error("no port");
  return address.port;
}

test("three servers are there, in three conditions", async () => {
  const hosts = await db.host.findMany({ orderBy: { name: "asc" }, include: { pins: true } });
  expect(hosts).toMatchObject([
    {
      name: "db-1",
      state: "managed",
      reachable: true,
      driftedAt: expect.any(Date),
      tags: ["database", "prod"],
    },
    { name: "old-1", state: "managed", reachable: false, driftedAt: null },
    { name: "web-1", state: "managed", driftedAt: null },
  ]);
  for (const host of hosts) expect(host.pins.length).toBeGreaterThan(0);
});

test("db-1's passwords are on although its main file says no, and the edit by hand is on record", async () => {
  const files = await db.configFile.findMany({
    where: { host: { name: "db-1" } },
    orderBy: { position: "asc" },
    include: { versions: { orderBy: { number: "desc" } } },
  });
  const [main, cloudInit] = files;
  expect(main?.versions.map(({ origin }) => origin)).toEqual(["found", "original"]);
  expect(main?.versions[0]?.content).toMatch(
    /\nPasswordAuthentication no\n[\s\S]*\nPermitEmptyPasswords yes\n$/,
  );
  expect(cloudInit?.path).toBe("/etc/ssh/sshd_config.d/50-cloud-init.conf");
  const lab = await attachLab(`demo-${demo.pid}`);
  const { stdout } = await lab
    .host("db-1")
    .exec("sshd -T | grep -E '^(passwordauthentication|permitrootlogin) '");
  expect(stdout.split("\n").sort()).toEqual(["", "passwordauthentication yes", "permitrootlogin yes"]);
});

test("web-1 has a kept change, and one that locks everybody out until the server undoes it", async () => {
  const [kept, lockOut] = await db.change.findMany({ orderBy: { createdAt: "asc" } });
  expect(kept).toMatchObject({ state: "confirmed", provedAt: expect.any(Date) });
  expect(lockOut).toMatchObject({ overridePrecheck: true, deadlineSeconds: 30, provedAt: null });
  expect(["proving", "rolling_back", "rolled_back"]).toContain(lockOut?.state);
  expect(output).toContain(`http://localhost:${port}/changes/${lockOut?.id}`);
  const lab = await attachLab(`demo-${demo.pid}`);
  expect(await lab.host("web-1").read("/etc/ssh/sshd_config")).toMatch(/^MaxAuthTries 4$/m);
});

test("what it prints lets a person in, and the address answers on this machine", async () => {
  const secret = /secret=([A-Z2-7]+)/.exec(output)?.[1] ?? "";
  const code = /and code +(\d{6})/.exec(output)?.[1] ?? "";
  const { personId, lastTimeStep } = await db.totpFactor.findFirstOrThrow();
  // Still unused: its step is later than the one that set-up used up.
  const printedAt = [0, -30, -60].map((ago) => Date.now() / 1000 + ago);
  expect(printedAt.some((at) => findTimeStep(secret, code, at, Number(lastTimeStep)) !== undefined)).toBe(
    true,
  );
  expect(await db.person.findUniqueOrThrow({ where: { id: personId } })).toMatchObject({
    login: /Sign in as +(\S+)/.exec(output)?.[1],
    role: "owner",
  });
  expect(await (await fetch(`http://localhost:${port}/`)).text()).toBe("hello");
});

test("every act is in the activity, refusals none", async () => {
  const rows = await db.activity.findMany({ orderBy: { seq: "asc" } });
  expect(rows[0]).toMatchObject({ action: "installation.set-up", outcome: "done", actorName: "Demo owner" });
  expect(
    rows.filter(({ action, outcome }) => action === "host.enrol-by-login" && outcome === "done"),
  ).toHaveLength(3);
  expect(rows.filter(({ outcome }) => outcome === "refused")).toEqual([]);
});

test("Ctrl-C ends it with success, and nothing of it stays: processes, lab, data", async () => {
  await db.$disconnect();
  const family = descendantsOf(demo.pid ?? 0);
  expect(family.length).toBeGreaterThan(3);
  demo.kill("SIGINT");
  const [code] = await once(demo, "exit");
  expect(output).toMatch(/Stopping …/);
  expect(code).toBe(0);
  // A grandchild (tsx keeps a compiler running) may take a moment longer to notice.
  await expect.poll(() => family.filter(isRunning), { timeout: 15_000 }).toEqual([]);
  expect(openLabNames()).not.toContain(`demo-${demo.pid}`);
  expect(dataFolders()).toEqual([]);
});

/** Every process that it started, directly or not. */
function descendantsOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
      .trim()
      .split(" ")
      .filter(Boolean);
    return children.map(Number).flatMap((child) => [child, ...descendantsOf(child)]);
  } catch {
    return []; // it ended while we looked
  }
}

function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
