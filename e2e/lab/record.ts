import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Init, Tree } from "./tree";

/** A running host's boot: what a second process needs to reach it. */
export interface Boot {
  /** pid 1 of the host, as this machine numbers it. */
  readonly pid: number;
  /** Its pid namespace, so that a recycled pid is never taken for the host. */
  readonly pidNamespace: string;
  readonly id: string;
  readonly cgroup: string | null;
}

/** What is known about a host, as kept on disk: the truth for every process that is attached to the lab. */
export interface HostRecord {
  readonly index: number;
  readonly name: string;
  readonly address: string;
  readonly tree: Tree;
  readonly init: Init;
  readonly layers: string;
  /** Public key lines. */
  readonly hostKeys: string[];
  readonly bootCount: number;
  /** null while the host is powered off. */
  readonly boot: Boot | null;
}

export interface LabRecord {
  readonly name: string;
  /** pid 1 of the lab (supervisor.sh), as this machine numbers it. */
  readonly pid: number;
  readonly pidNamespace: string;
}

const STATE_DIRECTORY = "/run/gatehouse-lab";

export function labDirectory(name: string): string {
  return path.join(STATE_DIRECTORY, name);
}

export function listLabNames(): string[] {
  try {
    return readdirSync(STATE_DIRECTORY);
  } catch {
    return [];
  }
}

export function hostDirectory(lab: string, index: number): string {
  return path.join(labDirectory(lab), "hosts", String(index));
}

/** Replaces a record in one step: a reader sees the old one or the new one. */
function writeRecord(file: string, record: LabRecord | HostRecord): void {
  writeFileSync(`${file}.new`, JSON.stringify(record));
  renameSync(`${file}.new`, file);
}

function readRecord<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

export function writeLabRecord(record: LabRecord): void {
  writeRecord(path.join(labDirectory(record.name), "lab.json"), record);
}

/** undefined when there is no such lab, or it is only just being opened. */
export function readLabRecord(name: string): LabRecord | undefined {
  return readRecord(path.join(labDirectory(name), "lab.json"));
}

export function writeHostRecord(lab: string, record: HostRecord): void {
  writeRecord(path.join(hostDirectory(lab, record.index), "host.json"), record);
}

export function readHostRecord(lab: string, index: number): HostRecord | undefined {
  return readRecord(path.join(hostDirectory(lab, index), "host.json"));
}

/** The hosts of a lab, in the order they were started. */
export function readHostRecords(lab: string): HostRecord[] {
  return readdirSync(path.join(labDirectory(lab), "hosts"))
    .map(Number)
    .sort((a, b) => a - b)
    .map((index) => readHostRecord(lab, index))
    .filter((record) => record !== undefined);
}

/**
 * The next free number of a host, taken at once: processes that share a lab never get the same one.
 *
 * @throws when the lab's network has no address left
 */
export function takeHostIndex(lab: string): number {
  for (let index = 1; index <= MAX_HOSTS; index++) {
    try {
      mkdirSync(hostDirectory(lab, index));
      return index;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
  throw new Error(`A lab holds ${MAX_HOSTS} hosts at most, as many as a bridge has ports. Stop some.`);
}

const MAX_HOSTS = 1000;

/** The address of the host with this number: 10.77.0.1 … 10.77.3.250. */
export function addressOf(index: number): string {
  return `10.77.${Math.floor((index - 1) / 250)}.${((index - 1) % 250) + 1}`;
}

export function removeLabDirectory(name: string): void {
  rmSync(labDirectory(name), { recursive: true, force: true });
}
