"use client";

import { useMemo } from "react";
import type { Build } from "@/lib/sshd-config/build";
import type { HostKnowledge } from "@/lib/sshd-config/host-knowledge";
import type { ConfigFile } from "@/lib/sshd-config/model";
import type { Found, Subject } from "./analyst-work";
import { useAnswer } from "./use-answer";

/** What is known about a tree of files as it was a moment ago: offsets are those of its own `files`. */
export interface Analysis extends Subject, Found {
  /** The files are long, and nothing was found out about them yet. */
  isPending: boolean;
}

/**
 * The findings about the files as they are being edited.
 *
 * They lag a moment behind: all files are read anew, which a long file's keys must not wait for.
 *
 * @param files the main file first; the same array as long as no text changes
 * @param host the same object as long as nothing else is known
 */
export function useAnalysis(files: readonly ConfigFile[], build: Build, host: HostKnowledge): Analysis {
  const subject = useMemo(() => ({ files, build, host }), [files, build, host]);
  const { ask, answer, isPending } = useAnswer("findings", subject);
  return useMemo(() => ({ ...ask, ...answer, isPending }), [ask, answer, isPending]);
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
