"use client";

import { startTransition, useEffect, useMemo, useRef, useState } from "react";
import type { AccessFactsView } from "@/lib/features/access/views";
import type { ConfigFileView } from "@/lib/features/config/views";
import type { ConfigFile } from "@/lib/sshd-config/model";
import type { AccessAnswer } from "./access-work";
import { askAboutAccess } from "./ask-analyst";

/** What is known of who would gain and lose by the drafts. */
export type LiveState =
  | { kind: "same" }
  | { kind: "asking" }
  | { kind: "unknown"; reason: string }
  | { kind: "known"; answer: Exclude<AccessAnswer, string>; isStale: boolean };

const noFacts = "Who would lose access is not known: Gatehouse did not send what was read on this host.";

/** @returns undefined when the server does not give them to this person, or not now */
async function fetchFacts(hostId: string): Promise<AccessFactsView | undefined> {
  try {
    const response = await fetch(`/api/v1/hosts/${hostId}/access/facts`, {
      headers: { accept: "application/json" },
    });
    if (!response.ok) return undefined;
    const view: AccessFactsView = await response.json();
    return view;
  } catch {
    return undefined;
  }
}

/**
 * Who would gain and lose by the drafts of a host's files, worked out in the analyst's thread while somebody types.
 *
 * The facts are fetched when the first draft differs. While one question is open, of those that follow only the last
 * is asked.
 *
 * @param tree the texts as they are being edited, in the order of `files`; the same array as long as none changes
 */
export function useLiveAccess(
  hostId: string,
  files: readonly ConfigFileView[],
  tree: readonly ConfigFile[],
): LiveState {
  const [state, setState] = useState<LiveState>({ kind: "same" });
  const live = useMemo(() => files.map(({ path, content }) => ({ path, text: content })), [files]);
  const facts = useRef<Promise<AccessFactsView | undefined>>(undefined);
  const newest = useRef({ live, tree });
  const busy = useRef(false);

  useEffect(() => {
    newest.current = { live, tree };
    if (busy.current) return;
    busy.current = true;
    async function work() {
      try {
        let done: typeof newest.current | undefined;
        while (done !== newest.current) {
          done = newest.current;
          const next = await judge(done);
          startTransition(() => setState(next));
        }
      } finally {
        busy.current = false;
      }
    }
    async function judge({ live: before, tree: draft }: typeof newest.current): Promise<LiveState> {
      if (draft.every((file, i) => file.text === before[i]?.text)) return { kind: "same" };
      if (!facts.current) setState({ kind: "asking" });
      facts.current ??= fetchFacts(hostId);
      const known = await facts.current;
      if (!known) {
        facts.current = undefined; // Asked again with the next pause.
        return { kind: "unknown", reason: noFacts };
      }
      const { id, json, now, obstacle, isStale } = known;
      if (json === null) return { kind: "unknown", reason: obstacle ?? noFacts };
      const answer = await askAboutAccess({ facts: id, live: before, draft }, { id, json, now });
      if (answer === "refused")
        return {
          kind: "unknown",
          reason: "Who would lose access is told as soon as sshd would accept the text.",
        };
      if (typeof answer === "string")
        return {
          kind: "unknown",
          reason: "Who would lose access cannot be told while you type. The plan tells.",
        };
      return { kind: "known", answer, isStale };
    }
    void work();
  }, [hostId, live, tree]);
  return state;
}
