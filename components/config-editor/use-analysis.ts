"use client";

import { startTransition, useEffect, useState } from "react";
import type { Build } from "@/lib/sshd-config/build";
import { type DeadStretch, findDeadStretches } from "@/lib/sshd-config/dead";
import type { Diagnostic } from "@/lib/sshd-config/diagnostic";
import type { ConfigFile } from "@/lib/sshd-config/model";
import { type OutlineEntry, outlineOf } from "@/lib/sshd-config/outline";
import { diagnose } from "@/lib/sshd-config/validate";
import { whenIdle } from "./when-idle";

/** What is known about a tree of files as it was a moment ago. */
export interface Analysis {
  /** The files that were looked at; offsets in what was found are those of these texts. */
  files: readonly ConfigFile[];
  build: Build;
  diagnostics: readonly Diagnostic[];
  dead: readonly DeadStretch[];
  /** By path. */
  outlines: ReadonlyMap<string, readonly OutlineEntry[]>;
}

function analyse(files: readonly ConfigFile[], build: Build): Analysis {
  const diagnostics = diagnose(files, build);
  return {
    files,
    build,
    diagnostics,
    dead: findDeadStretches(files, diagnostics, build),
    outlines: new Map(files.map((file) => [file.path, outlineOf(file, files, build)])),
  };
}

/**
 * The findings about the files as they are being edited.
 *
 * They lag a moment behind: all files are read anew, which a long file's keys must not wait for.
 *
 * @param files the main file first; the same array as long as no text changes
 */
export function useAnalysis(files: readonly ConfigFile[], build: Build): Analysis {
  const [analysis, setAnalysis] = useState(() => analyse(files, build));
  useEffect(() => {
    if (analysis.files === files && analysis.build === build) return;
    return whenIdle(() => {
      const next = analyse(files, build);
      startTransition(() => setAnalysis(next));
    });
  }, [analysis, files, build]);
  return analysis;
}

/** Is every Include that reads this file in a Match block? Then the file is in one as well, up to its own first Match. */
export function isReadInMatch(path: string, { outlines }: Analysis): boolean {
  const places = [...outlines.values()].flatMap((entries) =>
    entries.flatMap((entry, index) => {
      if (entry.kind !== "include" || !entry.files.includes(path)) return [];
      const block = entries.slice(0, index).findLast(({ kind }) => kind !== "include");
      return [block?.kind === "match" && !/^match[\s=]+"?all\b/i.test(block.title)];
    }),
  );
  return places.length > 0 && places.every(Boolean);
}
