import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Lab } from "@/e2e/lab/lab";
import { runningUrl } from "@/lib/db/embedded/cluster.mjs";

const root = path.resolve(import.meta.dirname, "..");

/** Building may be part of a first start. */
const startSeconds = 420;
const keptOutputCharacters = 40_000;

/** The machine on which it runs, where that is not as this one. */
export interface Machine {
  /** A command that makes it so and becomes what follows by exec. */
  readonly launcher?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * The whole product as `npm start` runs it (web, worker, PostgreSQL), inside the lab's network: browsers there reach it
 * as localhost, and the lab's hosts by the lab's gateway.
 */
export class Product {
  readonly #lab: Lab;
  readonly #dataFolder = mkdtempSync(path.join(tmpdir(), "gatehouse-e2e-"));
  readonly port: number;
  readonly #machine: Machine;
  #child: ChildProcess | undefined;
  #output = "";

  constructor(lab: Lab, port = 3000, machine: Machine = {}) {
    this.#lab = lab;
    this.port = port;
    this.#machine = machine;
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  /** Of its PostgreSQL, for what only time could arrange. @throws when it does not run */
  get databaseUrl(): string {
    const url = runningUrl(path.join(this.#dataFolder, "postgres"));
    if (!url) throw new Error("The product does not run.");
    return url;
  }

  /** What it printed since its last start, for a failing test. */
  get output(): string {
    return this.#output;
  }

  /**
   * Starts it on its data folder, new or of an earlier start, and waits until it answers.
   *
   * @returns the set-up token; undefined when somebody owns the installation already
   */
  async start(): Promise<string | undefined> {
    this.#output = "";
    const { launcher = [], env = {} } = this.#machine;
    const [command = process.execPath, ...rest] = [...launcher, process.execPath, "scripts/start.mjs"];
    const child = this.#lab.spawnInside(command, rest, {
      cwd: root,
      env: {
        ...process.env,
        ...env,
        NODE_ENV: "production",
        HOST: "0.0.0.0",
        PORT: String(this.port),
        GATEHOUSE_DATA: this.#dataFolder,
        GATEHOUSE_URL: this.url,
        GATEHOUSE_INSTALL_URL: `http://${this.#lab.gateway}:${this.port}`,
        DATABASE_URL: "",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    const announced = new Promise<string>((resolve) => {
      for (const stream of [child.stdout, child.stderr])
        stream?.on("data", (chunk: Buffer) => {
          this.#output = (this.#output + chunk.toString()).slice(-keptOutputCharacters);
          if (/Gatehouse is running: /.test(this.#output)) setTimeout(() => resolve(this.#output), 200);
        });
    });
    const timer = AbortSignal.timeout(startSeconds * 1000);
    const ended = Promise.race([
      once(child, "exit").then(([code]) => `ended with ${code}`),
      once(timer, "abort").then(() => `was not ready after ${startSeconds} s`),
    ]).then((what) => {
      throw new Error(`The product ${what}:\n${this.#output}`);
    });
    ended.catch(() => {}); // Its later end is the test's own doing.
    const output = await Promise.race([announced, ended]);
    return /^ {4}((?:[0-9a-z]{6}-){3}[0-9a-z]{6})$/m.exec(output)?.[1];
  }

  /** Pulls the plug: every process of the product is killed at once, without a goodbye. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child?.pid || child.exitCode !== null) return;
    const pids = [child.pid, ...descendantsOf(child.pid)];
    const exited = once(child, "exit");
    for (const pid of pids) killIfThere(pid);
    await exited;
    this.#child = undefined;
  }

  /** Ends it as Ctrl-C does. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGINT");
    await exited;
    this.#child = undefined;
  }

  /** Ends it for good, with its data. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#dataFolder, { recursive: true, force: true });
  }
}

/** Every process that descends from this one: our own children's children. */
function descendantsOf(pid: number): number[] {
  const rows = execFileSync("ps", ["-e", "-o", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((row) => row.trim().split(/\s+/).map(Number));
  const found: number[] = [];
  for (let parents = [pid]; parents.length > 0; ) {
    parents = rows.flatMap(([child, parent]) => (child && parent && parents.includes(parent) ? [child] : []));
    found.push(...parents);
  }
  return found;
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
