import { hasSystemd, type Init, type Tree } from "@/e2e/lab/tree";
import type { Shell } from "./managed-host";
import { pick, shuffle, spread } from "./random";

/**
 * What is injected. At a chosen command of the agent (what each does on the host: fault-shim.sh):
 *
 * kill: the agent is killed in front of it; orphan: it still runs, without the agent; power: the host loses power;
 * fail: it fails; mute: it says and does nothing, and calls that a success; hang: it never ends; full, inodes: the disk
 * has no block, or no inode, left from here on; clock: from here on `date` is in another century; watcher: the watcher
 * is killed; sshd: the listening sshd is killed; connection: the sshd session that carries the request is killed.
 */
export const faultKinds = [
  "kill",
  "orphan",
  "power",
  "fail",
  "mute",
  "hang",
  "full",
  "inodes",
  "clock",
  "watcher",
  "sshd",
  "connection",
] as const;
export type FaultKind = (typeof faultKinds)[number];

/**
 * Where it is injected: at a command of a verb, of the undoing by watcher or timer, or of the recovery at boot; at a
 * moment, wherever the agent then is (kill: all of it, watcher included; power); or a request that nobody sends who is
 * in his right mind (strange-requests.ts).
 */
export type Role = "rpc" | "undo" | "boot" | "moment" | "request";

export interface Fault {
  readonly role: Role;
  /** The how-manieth command of the role, from 1; for a moment, milliseconds after apply was sent; which request. */
  readonly number: number;
  readonly kind: FaultKind | "strange";
}

/** What is changed: sshd_config, it and its PAM file as one, the agent itself, a key file of an account, or the modes on the way to it. */
export const subjects = ["config", "pam", "agent", "keys", "modes"] as const;
export type Subject = (typeof subjects)[number];

/** good: everything works; shut-out: what comes after it cannot work; bind: sshd dies at the reload. */
export type Content = "good" | "shut-out" | "bind";

/** What the dashboard does after apply: confirm anew; nothing; confirm over a connection from before the change. */
export type Course = "confirm" | "leave" | "old-connection";

export interface Trial {
  readonly subject: Subject;
  /** At most one for each role. None: the course itself is what is tried. */
  readonly faults: readonly Fault[];
  readonly content: Content;
  readonly course: Course;
  /** Pull the plug once the change is applied, and boot. */
  readonly powerCutAfterApply: boolean;
}

export interface HostKind {
  readonly tree: Tree;
  readonly init: Init;
  readonly shell: Shell;
}

/** Each OpenSSH version, each way to start sshd and each shell; a run takes from the front as many as it has hosts. */
export const hostKinds: readonly HostKind[] = [
  { tree: "bookworm", init: "none", shell: "dash" },
  { tree: "trixie", init: "none", shell: "busybox" },
  { tree: "bullseye", init: "none", shell: "bash" },
  { tree: "trixie-systemd", init: "socket", shell: "dash" },
  { tree: "bookworm-systemd", init: "service", shell: "bash" },
  { tree: "bullseye", init: "none", shell: "dash" },
  { tree: "bookworm", init: "none", shell: "busybox" },
  { tree: "trixie", init: "none", shell: "bash" },
  { tree: "trixie-systemd", init: "service", shell: "busybox" },
  { tree: "bookworm-systemd", init: "socket", shell: "dash" },
  { tree: "bullseye", init: "none", shell: "busybox" },
  { tree: "trixie", init: "none", shell: "dash" },
  { tree: "bookworm", init: "none", shell: "bash" },
];

/** How many commands each role runs in a change without faults; measured by the harness itself before it plans. */
export interface CommandCounts {
  readonly apply: number;
  /** Of apply and confirm together. */
  readonly rpc: number;
  readonly undo: number;
  readonly boot: number;
}

export type Counts = Readonly<Record<Subject, CommandCounts>>;

const undoKinds: readonly FaultKind[] = [
  "kill",
  "orphan",
  "power",
  "fail",
  "mute",
  "full",
  "hang",
  "sshd",
  "inodes",
  "clock",
];
/** After these an apply goes on, mostly: its change is there to be undone. */
const outlivedBy: readonly FaultKind[] = [
  "orphan",
  "mute",
  "full",
  "inodes",
  "clock",
  "watcher",
  "sshd",
  "connection",
];
const bootKinds: readonly FaultKind[] = ["kill", "fail", "mute", "power", "full", "inodes"];

/** How many strange requests strange-requests.ts knows. */
export const strangeRequests = 10;

/** Of a hundred trials of a subject, these are spread over the undoing and the recovery at boot; the rest over verbs. */
const undoShare = 0.25;
const bootShare = 0.08;

/** From here on an apply has, mostly, said what is to be undone. */
const lateShare = 0.7;

/** How much of a run is about which subject. */
const weights: Readonly<Record<Subject, number>> = {
  config: 0.36,
  pam: 0.18,
  agent: 0.13,
  keys: 0.23,
  modes: 0.1,
};

/**
 * The trials of a run: fault points spread evenly over the commands of each role of each subject, so that no stretch of
 * the agent is left out, moved by chance within their stretch, so that two runs with different seeds do not try the
 * same; and random moments and strange requests.
 *
 * @param size how many to make, at least 60
 */
export function planTrials(size: number, counts: Counts, random: () => number): Trial[] {
  const courses = plainCourses();
  const momentCount = Math.round(size * 0.1);
  const requestCount = Math.max(strangeRequests, Math.round(size * 0.03));
  const left = size - courses.length - momentCount - requestCount;
  const trials = [...courses];
  for (const subject of subjects) {
    trials.push(...spreadOver(subject, Math.round(left * weights[subject]), counts[subject], random));
  }
  for (let index = 0; index < momentCount; index++) {
    // Half of them while apply and confirm are at work, half while the change waits and is undone.
    const number = Math.round(index % 2 === 0 ? 100 + random() * 3500 : 3500 + random() * 8000);
    const kind = index % 3 === 2 ? "power" : "kill";
    const subject = pick(["config", "keys", "pam", "agent", "config", "modes", "pam"] as const, index);
    const content = contentFor(subject, random);
    const course = content === "good" && index % 4 < 2 ? "confirm" : "leave";
    const first = { role: "moment", number, kind } as const;
    trials.push(trial(subject, [first, harmless(2 * index, counts[subject])], content, course));
  }
  for (let index = 0; index < requestCount; index++) {
    const fault = { role: "request", number: 1 + (index % strangeRequests), kind: "strange" } as const;
    trials.push(trial("config", fault, "good", "confirm"));
  }
  return shuffle(trials, random);
}

/**
 * Every command of a role fails once, from the first to where a run has no command left: beyond the count, since
 * another shell or system runs some more.
 */
export function planSweep(subject: Subject, kind: FaultKind, counts: CommandCounts): Trial[] {
  const numbers = (count: number) =>
    Array.from({ length: Math.ceil(count * 1.1) + 4 }, (_, index) => index + 1);
  return [
    ...numbers(counts.rpc).map((number) => trial(subject, { role: "rpc", number, kind }, "good", "confirm")),
    ...numbers(counts.undo).map((number) =>
      trial(subject, { role: "undo", number, kind }, leftContent(subject), "leave"),
    ),
    ...numbers(counts.boot).map((number) =>
      trial(subject, { role: "boot", number, kind }, leftContent(subject), "leave", true),
    ),
  ];
}

/** What is tried without any fault: the ways that a change can end. */
function plainCourses(): Trial[] {
  const ofConfig = (content: Content, course: Course, powerCut = false) =>
    trial("config", null, content, course, powerCut);
  return [
    ...(["good", "shut-out", "bind"] as const).map((content) => ofConfig(content, "confirm")),
    ofConfig("good", "leave"),
    ofConfig("good", "old-connection"),
    ofConfig("shut-out", "old-connection"),
    ofConfig("shut-out", "leave", true),
    ofConfig("good", "leave", true),
    trial("agent", null, "shut-out", "confirm"),
    trial("agent", null, "shut-out", "leave", true),
    trial("keys", null, "shut-out", "leave", true),
    trial("keys", null, "good", "old-connection"),
  ];
}

function spreadOver(subject: Subject, size: number, counts: CommandCounts, random: () => number): Trial[] {
  const bootCount = Math.max(1, Math.round(size * bootShare));
  const undoCount = Math.round(size * undoShare);
  const undoNumbers = spread(size, counts.undo, random);
  const ofVerbs = spread(size - bootCount - undoCount, counts.rpc, random).map((number, index) => {
    const kind = pick(faultKinds, index);
    // A verb that is left behind, or lives on, has its change undone: that meets a fault of its own.
    const isUndone = outlivedBy.includes(kind);
    const content = isUndone ? leftContent(subject) : contentFor(subject, random);
    // Nobody confirms a file of keys that shuts its owner out: the agent cannot know, the dashboard does.
    const course = isUndone || (subject === "keys" && content === "shut-out") ? "leave" : "confirm";
    const first = { role: "rpc", number, kind } as const;
    const second = {
      role: "undo",
      number: pick(undoNumbers, index),
      kind: pick(undoKinds, index >> 1),
    } as const;
    if (isUndone) return trial(subject, [first, second], content, course);
    // Who dies that late leaves a change behind: what undoes it then meets a fault of its own.
    const isLate = number > counts.apply * lateShare && number <= counts.apply;
    if (isLate && kind === "kill") return trial(subject, [first, second], content, course);
    return trial(subject, first, content, course);
  });
  const ofUndo = spread(undoCount, counts.undo, random).map((number, index) => {
    const content = random() < 0.5 ? "good" : leftContent(subject);
    const first = { role: "undo", number, kind: pick(undoKinds, index) } as const;
    return trial(subject, [first, harmless(index, counts)], content, "leave");
  });
  const ofBoot = spread(bootCount, counts.boot, random).map((number, index) => {
    const first = { role: "boot", number, kind: pick(bootKinds, index) } as const;
    return trial(subject, [first, harmless(index, counts)], leftContent(subject), "leave", true);
  });
  return [...ofVerbs, ...ofUndo, ...ofBoot];
}

/** A fault that an apply goes on after: another century, or its watcher gone once it was proved alive. */
function harmless(index: number, { apply }: CommandCounts): Fault {
  if (index % 2 === 0) return { role: "rpc", number: 1 + index, kind: "clock" };
  return { role: "rpc", number: Math.round(apply * 0.9), kind: "watcher" };
}

function contentFor(subject: Subject, random: () => number): Content {
  const choice = pick(["good", "shut-out", "good", "bind"] as const, Math.floor(random() * 4));
  if (subject === "modes") return "good";
  return choice === "bind" && subject !== "config" ? "shut-out" : choice;
}

/** The worst that can be left unconfirmed. */
function leftContent(subject: Subject): Content {
  return subject === "modes" ? "good" : "shut-out";
}

/** Whether this kind of host can show what the trial is about. */
export function fits({ content, faults }: Trial, { init, tree }: HostKind): boolean {
  // Under ssh.socket another ListenAddress is refused, and systemd itself holds the port of a killed sshd.
  if (init === "socket" && (content === "bind" || faults.some(({ kind }) => kind === "sshd"))) return false;
  return !hasSystemd(tree) || faults.every(({ role }) => role !== "boot");
}

function trial(
  subject: Subject,
  faults: Fault | null | readonly Fault[],
  content: Content,
  course: Course,
  powerCutAfterApply = false,
): Trial {
  const all = faults === null ? [] : "role" in faults ? [faults] : faults;
  return { subject, faults: all, content, course, powerCutAfterApply };
}
