import { hasSystemd, type Init, type Tree } from "@/e2e/lab/tree";

/**
 * What happens at the chosen command of the agent. What each does on the host: fault-shim.sh.
 *
 * kill: the agent is killed in front of it; orphan: it still runs, without the agent; power: the host loses power;
 * fail: it fails; mute: it says and does nothing, and calls that a success; hang: it never ends; full: the disk is
 * full from here on; watcher: the watcher is killed; sshd: the listening sshd is killed; connection: the sshd session
 * that carries the request is killed.
 */
export const faultKinds = [
  "kill",
  "orphan",
  "power",
  "fail",
  "mute",
  "hang",
  "full",
  "watcher",
  "sshd",
  "connection",
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Whose commands are counted: a verb's; the undoing by watcher or timer; the recovery at boot. */
export type Role = "rpc" | "undo" | "boot";

/** good: everything works; shut-out: nobody can log in; bind: sshd dies at the reload. */
export type Content = "good" | "shut-out" | "bind";

/** What the dashboard does after apply: confirm anew; nothing; confirm over a connection from before the change. */
export type Course = "confirm" | "leave" | "old-connection";

export interface Fault {
  readonly role: Role;
  /** The how-manieth command of the role, from 1. */
  readonly number: number;
  readonly kind: FaultKind;
}

export interface Trial {
  /** Null: nothing is injected, the course itself is what is tried. */
  readonly fault: Fault | null;
  readonly content: Content;
  readonly course: Course;
  /** Pull the plug once the change is applied, and boot. */
  readonly powerCutAfterApply: boolean;
}

export interface HostKind {
  readonly tree: Tree;
  readonly init: Init;
}

export const hostKinds: readonly HostKind[] = [
  { tree: "bookworm", init: "none" },
  { tree: "trixie", init: "none" },
  { tree: "bullseye", init: "none" },
  { tree: "trixie-systemd", init: "socket" },
  { tree: "bookworm-systemd", init: "service" },
];

/** A small generator of random numbers, so that a run can be repeated from its seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** How many commands each role runs in a change without faults; measured by the harness itself before it plans. */
export interface CommandCounts {
  readonly apply: number;
  /** Of apply and confirm together. */
  readonly rpc: number;
  readonly undo: number;
  readonly boot: number;
}

const undoKinds: readonly FaultKind[] = ["kill", "orphan", "power", "fail", "mute", "full", "hang", "sshd"];
const bootKinds: readonly FaultKind[] = ["kill", "fail", "mute", "power", "full"];

/**
 * The trials of a run: fault points spread evenly over the commands of each role, so that no stretch of the agent is
 * left out, moved by chance within their stretch, so that two runs with different seeds do not try the same.
 *
 * @param size how many to make, at least 40
 */
export function planTrials(size: number, counts: CommandCounts, random: () => number): Trial[] {
  const trials: Trial[] = [
    ...(["good", "shut-out", "bind"] as const).map((content) => trial(null, content, "confirm")),
    trial(null, "good", "leave"),
    trial(null, "good", "old-connection"),
    trial(null, "shut-out", "old-connection"),
    trial(null, "shut-out", "leave", true),
    trial(null, "good", "leave", true),
  ];
  const left = size - trials.length;
  const bootCount = Math.max(4, Math.round(left * 0.08));
  const undoCount = Math.round(left * 0.25);
  const rpcCount = left - bootCount - undoCount;
  for (const [index, number] of spread(rpcCount, counts.rpc, random).entries()) {
    const kind = pick(faultKinds, index);
    const content = pick(["good", "shut-out", "good", "bind"] as const, Math.floor(random() * 4));
    trials.push(trial({ role: "rpc", number, kind }, content, "confirm"));
  }
  for (const [index, number] of spread(undoCount, counts.undo, random).entries()) {
    const content = pick(["good", "shut-out"] as const, Math.floor(random() * 2));
    trials.push(trial({ role: "undo", number, kind: pick(undoKinds, index) }, content, "leave"));
  }
  for (const [index, number] of spread(bootCount, counts.boot, random).entries()) {
    trials.push(trial({ role: "boot", number, kind: pick(bootKinds, index) }, "shut-out", "leave", true));
  }
  return shuffle(trials, random);
}

/** Whether this kind of host can show what the trial is about. */
export function fits(trial: Trial, kind: HostKind): boolean {
  // Under ssh.socket another ListenAddress is refused, and systemd itself holds the port of a killed sshd.
  if (kind.init === "socket") return trial.content !== "bind" && trial.fault?.kind !== "sshd";
  return !hasSystemd(kind.tree) || trial.fault?.role !== "boot";
}

function trial(fault: Fault | null, content: Content, course: Course, powerCutAfterApply = false): Trial {
  return { fault, content, course, powerCutAfterApply };
}

function spread(count: number, length: number, random: () => number): number[] {
  return Array.from({ length: count }, (_, index) =>
    Math.min(length, 1 + Math.floor(((index + random()) * length) / count)),
  );
}

function pick<T>(values: readonly [T, ...T[]] | readonly T[], index: number): T {
  const value = values[index % values.length];
  if (value === undefined) throw new RangeError("Nothing to pick from.");
  return value;
}

function shuffle<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}
