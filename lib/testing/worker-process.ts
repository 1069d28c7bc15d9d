import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");

/** A worker in a process of its own, as `npm run worker` starts it, over the test's database. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  #output = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-20_000);
      });
  }

  /** Starts one and waits until it takes jobs. It ends with this process. @throws with what it said */
  static async start(): Promise<WorkerProcess> {
    const { DATABASE_URL, GATEHOUSE_WORKER_KEY_FILE, PATH } = process.env;
    const child = spawn(
      "setpriv",
      ["--pdeathsig=KILL", "--", process.execPath, "--import", "tsx", "scripts/worker.ts"],
      {
        cwd: root,
        env: { NODE_ENV: "test", PATH, DATABASE_URL, GATEHOUSE_WORKER_KEY_FILE, LOG_LEVEL: "info" },
        stdio: ["ignore", "pipe", "pipe", "ipc"],
      },
    );
    const worker = new WorkerProcess(child);
    const ready = once(child, "message");
    const ended = once(child, "exit").then(([code]) => {
      throw new Error(`the worker ended with ${code}:\n${worker.#output}`);
    });
    ended.catch(() => {}); // Only its start is waited for; later ends are the test's own doing.
    await Promise.race([ready, ended]);
    return worker;
  }

  /** What it said last, for a failing test. */
  get output(): string {
    return this.#output;
  }

  /** Whether it runs no more, by whomever it was ended. */
  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** SIGKILL: it gets no chance to tidy up. */
  async kill(): Promise<void> {
    if (this.hasEnded) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}
