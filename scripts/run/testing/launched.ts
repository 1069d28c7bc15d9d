import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { runningUrl } from "@/lib/db/embedded/cluster.mjs";

/** For a machine that does ten other things; a failure waits so long, a success never. */
const patienceSeconds = 60;

/** A launcher that runs, and what it printed so far. */
export interface Launched {
  readonly process: ChildProcess;
  readonly folder: string;
  readonly port: number;
  output(): string;
  /** Resolves when the output has what `pattern` says; the match. Fails when the launcher ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Its exit code, once it has ended; null when a signal ended it. Fails, with what was printed, when it never does. */
  ended(): Promise<number | null>;
}

/** Longer than the slowest orderly end (PostgreSQL's, then SIGQUIT, then the launcher's own last seconds). */
const endPatienceSeconds = 100;

/** An empty data folder; everything that was started on it must have ended before it is removed. */
export function makeDataFolder(): { folder: string; remove: () => void } {
  const parent = mkdtempSync(path.join(tmpdir(), "gatehouse-launch-"));
  return {
    folder: path.join(parent, "data"),
    remove: () => rmSync(parent, { recursive: true, force: true }),
  };
}

/** A port that was free a moment ago. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** Starts the launcher with tiny programs (launch.mjs) on a data folder. */
export function launch(
  folder: string,
  port: number,
  { env = {}, role = "product" }: { env?: Record<string, string>; role?: "product" | "worker" } = {},
): Launched {
  // Ends with the test's own process, however that ends.
  const endWithParent = path.join(import.meta.dirname, "../end-with-parent.mjs");
  const child = spawn(
    process.execPath,
    ["--import", endWithParent, path.join(import.meta.dirname, "launch.mjs"), role],
    {
      env: { NODE_ENV: "test", PATH: process.env.PATH, GATEHOUSE_DATA: folder, PORT: String(port), ...env },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  let exit: { code: number | null } | undefined;
  const closed = new Promise<{ code: number | null }>((resolve) => {
    child.once("close", (code) => {
      exit = { code };
      resolve(exit);
    });
  });
  const ended = async () => {
    const over = await Promise.race([closed, delay(endPatienceSeconds * 1000, undefined, { ref: false })]);
    if (over) return over.code;
    const processes = execFileSync("ps", ["-eo", "pid,ppid,stat,wchan:20,etimes,args"], { encoding: "utf8" });
    const ours = processes
      .split("\n")
      .filter((line) => line.includes(folder) || line.includes(` ${child.pid} `));
    child.kill("SIGKILL");
    throw new Error(`The launcher never ended:\n${output}\n${ours.join("\n")}`);
  };
  const printed = async (pattern: RegExp) => {
    for (const giveUpAt = performance.now() + patienceSeconds * 1000; performance.now() < giveUpAt; ) {
      const match = pattern.exec(output);
      if (match) return match;
      if (exit) break;
      await delay(20);
    }
    throw new Error(`The launcher never printed ${pattern} (exit ${exit?.code}):\n${output}`);
  };
  return { process: child, folder, port, output: () => output, printed, ended };
}

/** The pid that the web process or the worker last said it has, or PostgreSQL's; undefined when it does not run. */
export function pidOf({ folder, output }: Launched, name: "web" | "worker" | "postgres"): number | undefined {
  if (name !== "postgres") {
    const said = [...output().matchAll(new RegExp(`^${name} (\\d+) starts`, "gm"))].at(-1);
    return said && Number(said[1]);
  }
  const file = path.join(folder, "postgres/postmaster.pid");
  return existsSync(file) ? Number(readFileSync(file, "utf8").split("\n")[0]) : undefined;
}

/** Pids of everything that a launcher runs. */
export function pidsOf(launched: Launched): number[] {
  const pids = (["web", "worker", "postgres"] as const).map((name) => pidOf(launched, name));
  return pids.filter((pid) => pid !== undefined);
}

/** Whether the process runs. A zombie that nobody has waited for does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "utf8") : "";
  return !/\) Z /.test(stat);
}

/** Resolves when none of the processes runs; fails when that takes longer than an orderly end may. */
export async function allGone(pids: readonly number[]): Promise<void> {
  for (
    const giveUpAt = performance.now() + patienceSeconds * 1000;
    performance.now() < giveUpAt;
    await delay(20)
  )
    if (!pids.some(isRunning)) return;
  throw new Error(`Still running: ${pids.filter(isRunning).join(", ")}`);
}

/** The address of the database that a launcher runs. */
export function databaseOf({ folder }: Launched): string {
  const url = runningUrl(path.join(folder, "postgres"));
  if (!url) throw new Error(`No database runs on ${folder}.`);
  return url;
}
