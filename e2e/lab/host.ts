import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { newCgroupPath, removeCgroup } from "./cgroup";
import { type Finished, runOrThrow, runToEnd, waitUntilUp } from "./finished-process";
import { type Forward, openForward } from "./forward";
import * as hostKeys from "./host-keys";
import { initScriptsAreDone, launchHost, systemdIsUp } from "./host-launch";
import { insideHost, isListening, pidNamespaceOf, startedBy, waitUntilGone } from "./namespace";
import {
  type Boot,
  type HostRecord,
  hostDirectory,
  type LabRecord,
  labDirectory,
  readHostRecord,
  writeHostRecord,
} from "./record";
import { type LoginOptions, type LoginResult, logIn } from "./ssh-login";
import { hasSystemd, type Init, keyPath, type Tree } from "./tree";

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

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const SSH_PORT = 22;
const DEFAULT_EXEC_SECONDS = 60;
/** A systemd host needs about a second on an idle machine and ten on a crowded one. */
const BOOT_SECONDS = 90;
const DEFAULT_SSH_SECONDS = 30;
const POLL_MILLISECONDS = 20;

/** What a host tells the lab that holds it, which must clean it up at the end. */
export interface HostEvents {
  /** A new process of this machine holds up a boot of the host. */
  onLaunch(launcher: ChildProcess): void;
  onForward(forward: Forward): void;
}

/** A real host of a lab. Several processes may hold the same host: what is true about it is read from its record. */
export class Host {
  readonly name: string;
  readonly address: string;
  readonly port = SSH_PORT;
  readonly tree: Tree;
  readonly init: Init;
  readonly #lab: LabRecord;
  readonly #index: number;
  readonly #events: HostEvents;

  constructor(lab: LabRecord, record: HostRecord, events: HostEvents) {
    this.name = record.name;
    this.address = record.address;
    this.tree = record.tree;
    this.init = record.init;
    this.#lab = lab;
    this.#index = record.index;
    this.#events = events;
  }

  /** The public key lines of the host at its last boot, or as the lab replaced them since. Empty without sshd. */
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

  /**
   * The arguments of an `nsenter` that runs `command` as root inside the host, for a caller that spawns it itself.
   *
   * @throws when the host is off
   */
  enter(command: readonly string[], env: Record<string, string> = {}): string[] {
    const { pid, cgroup } = this.#runningBoot();
    const variables = Object.entries({ PATH, HOME: "/root", ...env }).map(
      ([name, value]) => `${name}=${value}`,
    );
    return [...insideHost(pid, cgroup !== null), "env", "-i", ...variables, ...command];
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
    return logIn(this.#lab.pid, target, keyPath(), options);
  }

  /** A port on this machine's loopback that leads to a port of the host (default its sshd); see `openForward`. */
  async forward(port = this.port): Promise<Forward> {
    const socket = path.join(labDirectory(this.#lab.name), `${randomUUID()}.sock`);
    const forward = await openForward(this.#lab.pid, socket, this.address, port);
    this.#events.onForward(forward);
    return forward;
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
    const record = this.#record();
    const id = randomUUID();
    const bootCount = record.bootCount + 1;
    const cgroup = hasSystemd(this.tree) ? newCgroupPath(this.#lab.name, `${this.name}-${bootCount}`) : null;
    const launcher = launchHost(
      this.#lab.pid,
      { ...record, bootCount },
      { id, cgroup },
      this.#disk(),
      this.#logFile(),
    );
    this.#events.onLaunch(launcher);
    await waitUntilUp(launcher, `the host ${this.name}`, () => readFileSync(this.#logFile(), "utf8"));
    // A host that nobody closes must not keep the test process alive; the lab ends with it.
    launcher.unref();

    // nsenter started unshare, which started pid 1 of the host.
    const pid = startedBy(launcher, 2);
    const pidNamespace = pidNamespaceOf(pid);
    if (!pidNamespace) throw new Error(`The host ${this.name} ended while it booted.`);
    this.#save({ bootCount, boot: { pid, pidNamespace, id, cgroup } });
    await this.#waitForInit(pid);
    this.#save({ hostKeys: await hostKeys.readPublicKeys(this) });
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
  async createDisk(sizeMiB: number, inodes?: number): Promise<void> {
    mkdirSync(this.#disk(), { recursive: true });
    const limits = `size=${sizeMiB}m,mode=755${inodes === undefined ? "" : `,nr_inodes=${inodes}`}`;
    const mount = ["mount", "-t", "tmpfs", "-o", limits, "lab", this.#disk()];
    await runOrThrow("nsenter", [`--target=${this.#lab.pid}`, "--mount", "--", ...mount]);
  }

  async #waitForInit(pid: number): Promise<void> {
    const isDone = hasSystemd(this.tree)
      ? async () => systemdIsUp((await this.exec("systemctl is-system-running")).stdout)
      : () => initScriptsAreDone(pid);
    if (await becomesTrue(isDone, BOOT_SECONDS)) return;
    throw new Error(`${this.name} was still booting after ${BOOT_SECONDS} s.`);
  }

  #run(command: readonly string[], options: ExecOptions = {}): Promise<Finished> {
    const seconds = String(options.timeoutSeconds ?? DEFAULT_EXEC_SECONDS);
    const limited = ["timeout", "--kill-after=2", seconds, ...command];
    return runToEnd("nsenter", this.enter(limited, options.env), { input: options.input });
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
