import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { newCgroupPath, removeCgroup } from "./cgroup";
import { runOrThrow, runToEnd, waitUntilUp } from "./finished-process";
import * as hostKeys from "./host-keys";
import { descendant, insideHost, insideLab, isListening, pidNamespaceOf, waitUntilGone } from "./namespace";
import {
  type Boot,
  type HostRecord,
  hostDirectory,
  type LabRecord,
  readHostRecord,
  withLog,
  writeHostRecord,
} from "./record";
import { type LoginOptions, type LoginResult, logIn } from "./ssh-login";
import { cacheDirectory, hasSystemd, type Init, type Tree } from "./tree";

export interface ExecOptions {
  readonly input?: string | Buffer;
  readonly env?: Record<string, string>;
  /** Default 60; what still runs then is killed and the code is 124. */
  readonly timeoutSeconds?: number;
}

export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The address of the lab itself, on the bridge that all its hosts hang on. */
export const GATEWAY = "10.77.255.254";

const SSH_PORT = 22;
const DEFAULT_EXEC_SECONDS = 60;
/** A systemd host needs about a second on an idle machine and ten on a crowded one. */
const BOOT_SECONDS = 90;
const DEFAULT_SSH_SECONDS = 30;
const POLL_MILLISECONDS = 20;

/** A real host of a lab. Several processes may hold the same host: what is true about it is read from its record. */
export class Host {
  readonly name: string;
  readonly address: string;
  readonly port = SSH_PORT;
  readonly tree: Tree;
  readonly init: Init;
  readonly #lab: LabRecord;
  readonly #index: number;
  /** Called with the process that holds up a new boot of this host. */
  readonly #onLaunch: (launcher: ChildProcess) => void;

  constructor(lab: LabRecord, record: HostRecord, onLaunch: (launcher: ChildProcess) => void) {
    this.name = record.name;
    this.address = record.address;
    this.tree = record.tree;
    this.init = record.init;
    this.#lab = lab;
    this.#index = record.index;
    this.#onLaunch = onLaunch;
  }

  /** The public key lines of the host, as it answers now. Empty when it has no sshd. */
  get hostKeys(): string[] {
    return this.#record().hostKeys;
  }

  /** Whether the host is powered on. */
  get isRunning(): boolean {
    return this.#aliveBoot() !== undefined;
  }

  /**
   * Runs a script as root inside the host, with `sh -c`.
   *
   * @returns also when the script fails; only a host that is off throws
   */
  async exec(script: string, options: ExecOptions = {}): Promise<ExecResult> {
    const { code, stdout, stderr } = await this.#run(["sh", "-c", script], options);
    return { code, stdout: stdout.toString(), stderr };
  }

  /** The text of a file in the host. @throws when it cannot be read */
  async read(file: string): Promise<string> {
    return (await this.readBytes(file)).toString();
  }

  /** The bytes of a file in the host. @throws when it cannot be read */
  async readBytes(file: string): Promise<Buffer> {
    const { code, stdout, stderr } = await this.#run(["cat", "--", file]);
    if (code !== 0) throw new Error(`Could not read ${file} on ${this.name}: ${stderr.trim()}`);
    return stdout;
  }

  /**
   * Writes a file in the host, in place: an existing file keeps its inode, owner and (without `mode`) its mode.
   *
   * @param mode octal digits, e.g. "600"; a new file gets 644 without it
   */
  async write(file: string, content: string | Buffer, mode?: string): Promise<void> {
    const script = 'umask 022; cat >"$1" && if [ -n "$2" ]; then chmod "$2" "$1"; fi';
    const { code, stderr } = await this.#run(["sh", "-c", script, "sh", file, mode ?? ""], {
      input: content,
    });
    if (code !== 0) throw new Error(`Could not write ${file} on ${this.name}: ${stderr.trim()}`);
  }

  /** Logs in with a real `ssh` over a fresh TCP connection; see `logIn`. */
  login(user: string, options: LoginOptions = {}): Promise<LoginResult> {
    const target = { user, address: this.address, port: this.port };
    return logIn(this.#lab.pid, target, path.join(cacheDirectory(), "key"), options);
  }

  /**
   * Resolves when something listens on the ssh port. Opens no connection, so it costs no PerSourcePenalties.
   *
   * @throws after `timeoutSeconds` (default 30), with what the host says about its sshd
   */
  async waitForSsh(timeoutSeconds = DEFAULT_SSH_SECONDS): Promise<void> {
    const { pid } = this.#runningBoot();
    const listens = () => isListening(pid, this.port);
    if (await becomesTrue(listens, timeoutSeconds)) return;
    const why = await this.exec(
      "sshd -t; [ ! -d /run/systemd/system ] || systemctl status ssh.service ssh.socket",
    );
    throw new Error(
      `Nothing listens on port ${this.port} of ${this.name} after ${timeoutSeconds} s.\n${why.stderr}${why.stdout}`,
    );
  }

  /** SIGKILL to everything in the host at once. Its disk stays as it is at that moment; `boot` starts it again. */
  async powerCut(): Promise<void> {
    const boot = this.#runningBoot();
    // The kernel kills every process of a pid namespace before its pid 1 is gone.
    process.kill(boot.pid, "SIGKILL");
    await waitUntilGone(boot.pid, boot.pidNamespace);
    if (boot.cgroup) await removeCgroup(boot.cgroup);
    this.#save({ boot: null });
  }

  /**
   * Starts the host on the disk it has, with a new boot id and an uptime that begins at 0.
   *
   * Resolves when its init has started everything. Whether sshd is among it is the test's question: `waitForSsh`.
   */
  async boot(): Promise<void> {
    if (this.isRunning) throw new Error(`${this.name} is running already. Call powerCut first.`);
    const bootCount = this.#record().bootCount + 1;
    const id = randomUUID();
    const cgroup = hasSystemd(this.tree) ? newCgroupPath(this.#lab.name, `${this.name}-${bootCount}`) : null;
    const launcher = this.#launch(id, cgroup, bootCount);
    this.#onLaunch(launcher);
    await waitUntilUp(launcher, `the host ${this.name}`, () => readFileSync(this.#logFile(), "utf8"));
    // A host that nobody closes must not keep the test process alive; the lab ends with it.
    launcher.unref();

    // nsenter started unshare, which started pid 1 of the host.
    const pid = descendant(requirePid(launcher), 2);
    const pidNamespace = pidNamespaceOf(pid);
    if (!pidNamespace) throw new Error(`The host ${this.name} ended while it booted.`);
    this.#save({ bootCount, boot: { pid, pidNamespace, id, cgroup } });
    await this.#waitForInit(pid);
    if (bootCount === 1) this.#save({ hostKeys: await hostKeys.readPublicKeys(this) });
  }

  /** Powers the host off and throws its disk away. */
  async stop(): Promise<void> {
    if (this.isRunning) await this.powerCut();
    await runOrThrow("nsenter", [`--target=${this.#lab.pid}`, "--mount", "--", "umount", this.#disk()]);
    rmSync(this.#directory(), { recursive: true, force: true });
  }

  /** Gives the host other host keys and restarts sshd, as if another machine answered at its address. */
  async replaceHostKeys(): Promise<string[]> {
    const replaced = await hostKeys.replace(this);
    this.#save({ hostKeys: replaced });
    return replaced;
  }

  /** Puts back the host keys that `replaceHostKeys` took away and restarts sshd. */
  async restoreHostKeys(): Promise<void> {
    this.#save({ hostKeys: await hostKeys.restore(this) });
  }

  /** A new disk in the lab's own mount namespace, where it outlives every boot of the host. */
  async createDisk(sizeMiB: number): Promise<void> {
    mkdirSync(this.#disk(), { recursive: true });
    const mount = ["mount", "-t", "tmpfs", "-o", `size=${sizeMiB}m,mode=755`, "lab", this.#disk()];
    await runOrThrow("nsenter", [`--target=${this.#lab.pid}`, "--mount", "--", ...mount]);
  }

  #launch(bootId: string, cgroup: string | null, bootCount: number): ChildProcess {
    const record = this.#record();
    const uptimeSeconds = Math.floor(Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]));
    const namespaces = ["--mount", "--pid", "--uts", "--ipc", "--net", "--time", "--fork", "--kill-child"];
    const newClock = [`--boottime=-${uptimeSeconds}`, `--monotonic=-${uptimeSeconds}`];
    const script = path.join(import.meta.dirname, "host-boot.sh");
    const args = [...insideLab(this.#lab.pid), "unshare", ...namespaces, ...newClock, "--", "sh", script];
    return withLog(this.#logFile(), (log) =>
      spawn("nsenter", args, {
        stdio: ["ignore", log, log, "pipe"],
        // A session of its own: Ctrl-C in the developer's terminal is for the one who opened the lab.
        detached: true,
        env: {
          PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
          NODE_ENV: "test",
          LAB_GATEWAY: GATEWAY,
          HOST_NAME: this.name,
          HOST_ADDRESS: this.address,
          HOST_LINK: `h${this.#index}b${bootCount}`,
          HOST_DISK: this.#disk(),
          HOST_LAYERS: record.layers,
          HOST_INIT: this.init,
          HOST_FIRST_BOOT: bootCount === 1 ? "1" : "0",
          HOST_BOOT_ID: bootId,
          HOST_CGROUP: cgroup ?? "",
        },
      }),
    );
  }

  async #waitForInit(pid: number): Promise<void> {
    const isDone = hasSystemd(this.tree) ? () => this.#systemdIsUp() : () => initScriptsAreDone(pid);
    if (await becomesTrue(isDone, BOOT_SECONDS)) return;
    throw new Error(`${this.name} was still booting after ${BOOT_SECONDS} s.`);
  }

  async #systemdIsUp(): Promise<boolean> {
    const { stdout } = await this.exec("systemctl is-system-running");
    return ["running", "degraded"].includes(stdout.trim());
  }

  async #run(command: string[], options: ExecOptions = {}) {
    const { pid, cgroup } = this.#runningBoot();
    const env = {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: "/root",
      ...options.env,
    };
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const limit = ["timeout", "--kill-after=2", String(options.timeoutSeconds ?? DEFAULT_EXEC_SECONDS)];
    const args = [...insideHost(pid, cgroup !== null), "env", "-i", ...variables, ...limit, ...command];
    return runToEnd("nsenter", args, { input: options.input });
  }

  #aliveBoot(): Boot | undefined {
    const boot = this.#record().boot;
    return boot && pidNamespaceOf(boot.pid) === boot.pidNamespace ? boot : undefined;
  }

  #runningBoot(): Boot {
    const boot = this.#aliveBoot();
    if (!boot) throw new Error(`${this.name} is powered off. Call boot first.`);
    return boot;
  }

  #record(): HostRecord {
    const record = readHostRecord(this.#lab.name, this.#index);
    if (!record) throw new Error(`${this.name} is no longer part of the lab ${this.#lab.name}.`);
    return record;
  }

  #save(changes: Partial<HostRecord>): void {
    writeHostRecord(this.#lab.name, { ...this.#record(), ...changes });
  }

  #directory(): string {
    return hostDirectory(this.#lab.name, this.#index);
  }

  #disk(): string {
    return path.join(this.#directory(), "disk");
  }

  #logFile(): string {
    return path.join(this.#directory(), "log");
  }
}

/** Without systemd, pid 1 runs the init scripts and then becomes `sleep` (host-boot.sh). */
function initScriptsAreDone(pid: number): boolean {
  return readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "sleep";
}

async function becomesTrue(
  condition: () => boolean | Promise<boolean>,
  withinSeconds: number,
): Promise<boolean> {
  const giveUpAt = performance.now() + withinSeconds * 1000;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) return false;
    await sleep(POLL_MILLISECONDS);
  }
  return true;
}

function requirePid(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error("A host's launcher has no pid: it was never started.");
  return child.pid;
}
