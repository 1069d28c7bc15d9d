import type { Build } from "@/lib/sshd-config/build";
import { type DeadStretch, findDeadStretches } from "@/lib/sshd-config/dead";
import type { Diagnostic } from "@/lib/sshd-config/diagnostic";
import { type EffectiveRows, effectiveRows } from "@/lib/sshd-config/effective-rows";
import type { HostKnowledge } from "@/lib/sshd-config/host-knowledge";
import type { Connection } from "@/lib/sshd-config/match";
import type { ConfigFile } from "@/lib/sshd-config/model";
import { type OutlineEntry, outlineOf } from "@/lib/sshd-config/outline";
import { previewUpgrade, type UpgradeItem } from "@/lib/sshd-config/upgrade";
import { diagnose } from "@/lib/sshd-config/validate";
import { unknownWorld, type World } from "@/lib/sshd-config/world";

/** The files that are looked at, the main one first, and the sshd that they are for. */
export interface Tree {
  files: readonly ConfigFile[];
  build: Build;
}

/** A tree on its host. */
export interface Subject extends Tree {
  host: HostKnowledge;
}

/** What is found about files as they are. */
export interface Found {
  diagnostics: readonly Diagnostic[];
  dead: readonly DeadStretch[];
  /** By path. */
  outlines: ReadonlyMap<string, readonly OutlineEntry[]>;
}

/** What an analyst can be asked, and what he answers: plain data all of it, since it goes from thread to thread. */
export interface Work {
  findings: { ask: Subject; answer: Found };
  effective: { ask: Tree & { connection: Connection; world: World }; answer: EffectiveRows };
  upgrade: { ask: Subject & { to: Build }; answer: UpgradeItem[] };
}

export type Kind = keyof Work;

const skills: { readonly [kind in Kind]: (ask: Work[kind]["ask"]) => Work[kind]["answer"] } = {
  findings: ({ files, build, host }) => {
    const diagnostics = diagnose(files, build, unknownWorld, host);
    return {
      diagnostics,
      dead: findDeadStretches(files, diagnostics, build),
      outlines: new Map(files.map((file) => [file.path, outlineOf(file, files, build)])),
    };
  },
  effective: ({ files, build, connection, world }) => effectiveRows(files, connection, build, world),
  upgrade: ({ files, build, host, to }) => previewUpgrade(files, build, to, unknownWorld, host),
};

/** Answers at once, in whatever thread this is called. */
export function workOut<K extends Kind>(kind: K, ask: Work[K]["ask"]): Work[K]["answer"] {
  return skills[kind](ask);
}
