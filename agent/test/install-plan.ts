import type { Init, Tree } from "@/e2e/lab/tree";
import { pick, shuffle, spread } from "./random";

/** What is injected at a command of an installation; what each does: fault-plan.ts. */
export const installFaultKinds = ["kill", "power", "fail", "full", "inodes", "connection"] as const;
export type InstallFaultKind = (typeof installFaultKinds)[number];

/** On a host that has never seen Gatehouse; or a newer agent, on one that is managed. */
export const installSubjects = ["install", "upgrade"] as const;
export type InstallSubject = (typeof installSubjects)[number];

/** One installation with one fault; and then a second try without. */
export interface InstallTrial {
  readonly subject: InstallSubject;
  readonly faults: readonly [InstallFault];
}

export interface InstallFault {
  readonly role: "install";
  /** The how-manieth command of the installation, from 1. */
  readonly number: number;
  readonly kind: InstallFaultKind;
}

export interface InstallHostKind {
  readonly tree: Tree;
  readonly init: Init;
  readonly shell: "dash";
}

/** Each OpenSSH version and each way to start sshd; a run takes from the front as many as it has places. */
export const installHostKinds: readonly InstallHostKind[] = [
  { tree: "bookworm", init: "none", shell: "dash" },
  { tree: "trixie-systemd", init: "socket", shell: "dash" },
  { tree: "bullseye", init: "none", shell: "dash" },
  { tree: "bookworm-systemd", init: "service", shell: "dash" },
  { tree: "trixie", init: "none", shell: "dash" },
];

/** How many commands an installation runs on a host of a kind, by what it is about. */
export type InstallCounts = Readonly<Record<InstallSubject, number>>;

/** Fault points spread evenly over all commands of both, every kind of fault in turns. */
export function planInstalls(size: number, counts: InstallCounts, random: () => number): InstallTrial[] {
  const trials = installSubjects.flatMap((subject) =>
    spread(Math.round(size / installSubjects.length), counts[subject], random).map((number, index) =>
      install(subject, number, pick(installFaultKinds, index)),
    ),
  );
  return shuffle(trials, random);
}

/** Every command, one after the other, to beyond the last. */
export function planInstallSweep(
  subject: InstallSubject,
  kind: InstallFaultKind,
  counts: InstallCounts,
): InstallTrial[] {
  return Array.from({ length: Math.ceil(counts[subject] * 1.1) + 4 }, (_, index) =>
    install(subject, index + 1, kind),
  );
}

export function install(subject: InstallSubject, number: number, kind: InstallFaultKind): InstallTrial {
  return { subject, faults: [{ role: "install", number, kind }] };
}
