import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { Socket } from "node:net";
import path from "node:path";
import { removeLabCgroup } from "./cgroup";
import { waitUntilUp } from "./finished-process";
import type { Forward } from "./forward";
import { Host } from "./host";
import { withLog } from "./log-file";
import { GATEWAY, networkOf, pidNamespaceOf, startedBy, waitUntilGone } from "./namespace";
import {
  addressOf,
  type HostRecord,
  type LabRecord,
  labDirectory,
  listLabNames,
  readHostRecords,
  readLabRecord,
  removeLabDirectory,
  takeHostIndex,
  writeHostRecord,
  writeLabRecord,
} from "./record";
import { hasSystemd, type Init, keyPath, prepareKey, prepareLayers, type Tree } from "./tree";

export type LabHost = Host;

export interface LabHostOptions {
  /** Its host name; default the tree and a number. */
  readonly name?: string;
  /** Who starts sshd; default `service` with systemd. Without systemd it can only be `none`. */
  readonly init?: Init;
  /** openssh-server is not installed (apt on the host can install it). */
  readonly withoutSshd?: boolean;
  /** How much the host can write before its disk is full; default 256. */
  readonly diskMiB?: number;
  /** How many files it can hold before it has no inode left; default as many as fit. */
  readonly diskInodes?: number;
}

const DEFAULT_DISK_MIB = 256;
const NAME = /^[a-z0-9][a-z0-9-]{0,40}$/;

/** A network of real hosts on this machine, in namespaces of its own. Two labs never see each other. */
export class Lab {
  readonly name: string;
  /** An address on which the hosts reach what runs inside the lab (`spawnInside`). */
  readonly gateway = GATEWAY;
  /** The private key that opens admin, alice and bob on every host. */
  readonly keyPath = keyPath();
  /** pid 1 of the lab; `nsenter --target=… --net` is the way in. */
  readonly namespacePid: number;
  readonly #record: LabRecord;
  readonly #supervisor: ChildProcess | undefined;
  readonly #launchers = new Set<ChildProcess>();
  readonly #forwards = new Set<Forward>();

  /** Not for callers: use `openLab` or `attachLab`. */
  constructor(record: LabRecord, supervisor?: ChildProcess) {
    this.name = record.name;
    this.namespacePid = record.pid;
    this.#record = record;
    this.#supervisor = supervisor;
  }

  /** The line of the lab's key for an authorized_keys file. */
  get publicKey(): string {
    return readFileSync(`${this.keyPath}.pub`, "utf8").trim();
  }

  /**
   * Starts a new host and waits until its sshd listens. Builds the tree first where it is missing.
   *
   * @throws when the options contradict each other, or the host does not come up, with its log
   */
  async start(tree: Tree, options: LabHostOptions = {}): Promise<LabHost> {
    const init = options.init ?? (hasSystemd(tree) ? "service" : "none");
    if ((init === "none") === hasSystemd(tree)) {
      throw new Error(
        `A host of ${tree} cannot have init "${init}". ssh.service and ssh.socket need a -systemd tree.`,
      );
    }
    if (options.name !== undefined) this.#refuseName(options.name);
    const withoutSshd = options.withoutSshd ?? false;
    const layers = await prepareLayers(tree, withoutSshd);
    const index = takeHostIndex(this.name);
    const name = options.name ?? `${tree}-${index}`;
    const off = { bootCount: 0, boot: null, hostKeys: [] };
    const record = { index, name, address: addressOf(index), tree, init, layers, ...off };
    writeHostRecord(this.name, record);

    const host = this.#host(record);
    await host.createDisk(options.diskMiB ?? DEFAULT_DISK_MIB, options.diskInodes);
    await host.boot();
    if (!withoutSshd) await host.waitForSsh();
    return host;
  }

  /** The hosts of this lab, whoever started them, in the order of their start. */
  hosts(): LabHost[] {
    return readHostRecords(this.name).map((record) => this.#host(record));
  }

  /** The host of this name. @throws when there is none */
  host(name: string): LabHost {
    const found = this.hosts().find((host) => host.name === name);
    if (!found) throw new Error(`The lab ${this.name} has no host "${name}".`);
    return found;
  }

  /**
   * Starts a process of this machine in the lab's network: it can reach the hosts, and they it on `gateway`.
   *
   * Its pid is the child's. It is killed when this process dies, so that a killed test run leaves nothing behind.
   */
  spawnInside(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const dieWithParent = ["setpriv", "--pdeathsig=KILL", "--"];
    return spawn("nsenter", [...networkOf(this.namespacePid), ...dieWithParent, command, ...args], options);
  }

  /** Ends the lab with all hosts and everything on them. In a process that only attached: lets go, and ends nothing. */
  async close(): Promise<void> {
    await Promise.all([...this.#forwards].map((forward) => forward.close()));
    if (!this.#supervisor) return;
    await endLab(this.name);
    await Promise.all([this.#supervisor, ...this.#launchers].map(ended));
  }

  #refuseName(name: string): void {
    if (!NAME.test(name)) throw new Error(`"${name}" is no host name. Use a-z, 0-9 and "-".`);
    if (this.hosts().some((host) => host.name === name))
      throw new Error(`The lab has a host "${name}" already.`);
  }

  #host(record: HostRecord): LabHost {
    return new Host(this.#record, record, {
      onLaunch: (launcher) => this.#launchers.add(launcher),
      onForward: (forward) => this.#forwards.add(forward),
    });
  }
}

/**
 * Opens an empty lab. It ends with `close`, or with this process, however that ends.
 *
 * @throws when not root, or a lab of this name is open
 */
export async function openLab(options: { readonly name?: string } = {}): Promise<Lab> {
  if (process.getuid?.() !== 0) throw new Error("The lab makes namespaces and mounts: run it as root.");
  const name = options.name ?? `${process.pid}-${randomBytes(3).toString("hex")}`;
  if (!NAME.test(name)) throw new Error(`"${name}" is no name for a lab. Use a-z, 0-9 and "-".`);
  await sweepAbandoned();
  await prepareKey();
  takeName(name);

  const supervisor = launchSupervisor(name);
  try {
    await waitUntilUp(supervisor, `the lab ${name}`, () => readFileSync(logFile(name), "utf8"));
  } catch (error) {
    removeLabDirectory(name);
    throw error;
  }
  letGo(supervisor);
  const pid = startedBy(supervisor, 1);
  const pidNamespace = pidNamespaceOf(pid);
  if (!pidNamespace) throw new Error(`The lab ${name} ended while it started.`);
  const record = { name, pid, pidNamespace };
  writeLabRecord(record);
  return new Lab(record, supervisor);
}

function logFile(name: string): string {
  return path.join(labDirectory(name), "log");
}

/**
 * A lab that another process has opened.
 *
 * @throws when no lab of this name is open
 */
export async function attachLab(name: string): Promise<Lab> {
  const record = readLabRecord(name);
  if (!record || !isOpen(record)) throw new Error(`No lab "${name}" is open on this machine.`);
  return new Lab(record);
}

/** The names of the labs that are open on this machine. */
export function openLabNames(): string[] {
  return listLabNames().filter((name) => {
    const record = readLabRecord(name);
    return record !== undefined && isOpen(record);
  });
}

/** Ends a lab that any process has opened. Nothing of it is left when this resolves. */
export async function endLab(name: string): Promise<void> {
  const record = readLabRecord(name);
  if (record && isOpen(record)) {
    process.kill(record.pid, "SIGKILL");
    await waitUntilGone(record.pid, record.pidNamespace);
  }
  await removeLabCgroup(name);
  removeLabDirectory(name);
}

function isOpen(record: LabRecord): boolean {
  return pidNamespaceOf(record.pid) === record.pidNamespace;
}

function launchSupervisor(name: string): ChildProcess {
  const script = path.join(import.meta.dirname, "supervisor.sh");
  const namespaces = ["--mount", "--pid", "--net", "--fork", "--kill-child", "--mount-proc"];
  return withLog(logFile(name), (log) =>
    spawn("unshare", [...namespaces, "--", "sh", script], {
      stdio: ["pipe", log, log, "pipe"],
      detached: true,
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", NODE_ENV: "test", LAB_GATEWAY: GATEWAY },
    }),
  );
}

/** The supervisor lives as long as its stdin is open: it must not keep this process alive in turn. */
function letGo(supervisor: ChildProcess): void {
  supervisor.unref();
  const { stdin } = supervisor;
  if (stdin instanceof Socket) stdin.unref();
}

/** Claims a lab's directory. @throws when it is taken */
function takeName(name: string): void {
  mkdirSync(path.dirname(labDirectory(name)), { recursive: true });
  try {
    mkdirSync(labDirectory(name));
  } catch (cause) {
    throw new Error(
      `A lab "${name}" is open already. Choose another name, or end it: npm run lab -- stop ${name}`,
      {
        cause,
      },
    );
  }
  mkdirSync(path.join(labDirectory(name), "hosts"));
}

/** A lab takes well under a second from its directory to its record. */
const OPENING_MILLISECONDS = 30_000;

/** Removes what labs left behind whose process was killed: files and empty cgroups. */
async function sweepAbandoned(): Promise<void> {
  for (const name of listLabNames()) {
    const record = readLabRecord(name);
    if (record ? !isOpen(record) : ageMilliseconds(name) > OPENING_MILLISECONDS) await endLab(name);
  }
}

function ageMilliseconds(name: string): number {
  const directory = statSync(labDirectory(name), { throwIfNoEntry: false });
  return directory ? Date.now() - directory.mtimeMs : 0;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  await once(child, "exit");
}
