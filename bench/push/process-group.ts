import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** How cgroup versions tell processor time: where they are mounted, and how their file is read as milliseconds. */
const hierarchies = [
  {
    root: "/sys/fs/cgroup/cpuacct",
    milliseconds: () => (file: string) => Number(file) / 1e6,
    file: "cpuacct.usage",
  },
  { root: "/sys/fs/cgroup", milliseconds: () => usageOf, file: "cpu.stat" },
  { root: "/sys/fs/cgroup/unified", milliseconds: () => usageOf, file: "cpu.stat" },
] as const;

const usageOf = (file: string) => Number(/^usage_usec (\d+)$/m.exec(file)?.[1] ?? Number.NaN) / 1000;

const sampleMilliseconds = 250;

/** The processes of one tool with all that they start: what they take of the processor and of memory. */
export class ProcessGroup {
  readonly #folder: string;
  readonly #read: () => number;
  #most = 0;
  #watching: NodeJS.Timeout | undefined;

  /** @throws where no cgroup can be made: not root, or none is mounted */
  constructor(name: string) {
    const found = hierarchies.find(({ root, file }) => existsSync(path.join(root, file)));
    if (!found) throw new Error("No cgroup hierarchy here tells processor time.");
    this.#folder = path.join(found.root, `gatehouse-bench-${process.pid}-${name}`);
    mkdirSync(this.#folder);
    const toMilliseconds = found.milliseconds();
    this.#read = () => toMilliseconds(readFileSync(path.join(this.#folder, found.file), "utf8"));
  }

  /** Arguments for `sh` that run a command inside the group. */
  inside(command: string, args: readonly string[]): string[] {
    return ["-c", 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"', "sh", this.#folder, command, ...args];
  }

  /** Takes in a process that runs already; what it has started before stays outside. */
  adopt(pid: number): void {
    writeFileSync(path.join(this.#folder, "cgroup.procs"), String(pid));
  }

  /** Milliseconds of processor time since the group was made. */
  get processorMilliseconds(): number {
    return this.#read();
  }

  /** Looks at the memory from now on, until `mostMebibytes`. */
  watchMemory(): void {
    this.#most = 0;
    this.#look();
    this.#watching = setInterval(() => this.#look(), sampleMilliseconds);
  }

  /** The largest sum of the processes' shares of memory (PSS) that was seen. */
  mostMebibytes(): number {
    clearInterval(this.#watching);
    this.#look();
    return this.#most / 1024;
  }

  /** Ends what is left in the group. */
  async endAll(): Promise<void> {
    for (let tries = 0; this.#pids().length > 0 && tries < 100; tries++) {
      for (const pid of this.#pids()) killIfThere(pid);
      await sleep(20);
    }
  }

  async remove(): Promise<void> {
    clearInterval(this.#watching);
    await this.endAll();
    rmdirSync(this.#folder);
  }

  /** As `remove`, for processes that are somebody else's to end: they go back to the group above. */
  release(): void {
    clearInterval(this.#watching);
    const above = path.join(path.dirname(this.#folder), "cgroup.procs");
    for (const pid of this.#pids()) writeFileSync(above, String(pid));
    rmdirSync(this.#folder);
  }

  #pids(): number[] {
    return readFileSync(path.join(this.#folder, "cgroup.procs"), "utf8")
      .split("\n")
      .filter(Boolean)
      .map(Number);
  }

  #look(): void {
    const kibibytes = this.#pids().map(shareOf);
    this.#most = Math.max(
      this.#most,
      kibibytes.reduce((sum, one) => sum + one, 0),
    );
  }
}

function shareOf(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0; // It has ended meanwhile.
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
