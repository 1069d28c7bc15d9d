"use client";

import {
  startTransition,
  useCallback,
  useEffect,
  useMemo,
  useReducer,
  useState,
  useSyncExternalStore,
} from "react";
import type { ConfigFileView } from "@/lib/features/config/views";
import type { ConfigFile } from "@/lib/sshd-config/model";
import { sendCommand } from "../ui/send-command";
import { DraftKeeper, type DraftStatus, type DraftStore, type Writer } from "./draft-keeper";

/** What looks at all files is computed when a person pauses, never between two keys. */
const pauseMilliseconds = 150;

/** The drafts of a host's files. */
export interface Drafts {
  keeperOf: (file: ConfigFileView) => DraftKeeper;
  /** All files with the texts as they are being edited, in reading order; a moment behind the keys. */
  tree: readonly ConfigFile[];
}

function storeOf(fileId: string): DraftStore {
  const path = `/api/v1/config/files/${fileId}/draft`;
  const errorOf = (answer: Awaited<ReturnType<typeof sendCommand>>) =>
    "error" in answer ? answer.error : undefined;
  return {
    save: async (draft) => errorOf(await sendCommand(path, { fileId, ...draft }, "PUT")),
    discard: async () => errorOf(await sendCommand(path, {}, "DELETE")),
  };
}

/**
 * Keeps a person's work on all files of a host for as long as the page is open, whichever of them is shown.
 *
 * What was typed belongs to the content that it was typed on: another one on the host begins anew, with its draft.
 */
export function useDrafts(files: readonly ConfigFileView[]): Drafts {
  const [keepers] = useState(() => new Map<string, DraftKeeper>());
  const [edition, publish] = useReducer((count: number) => count + 1, 0);

  const current = useMemo(
    () =>
      files.map((file) => {
        const held = keepers.get(file.id);
        if (held?.live.sha256 === file.sha256) return { file, keeper: held };
        const keeper = new DraftKeeper({
          store: storeOf(file.id),
          live: file,
          draft: file.draft,
          before: held,
        });
        keepers.set(file.id, keeper);
        return { file, keeper };
      }),
    [files, keepers],
  );

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onText = (writer: Writer) => {
      clearTimeout(timer);
      if (writer === "outside") publish();
      else timer = setTimeout(() => startTransition(publish), pauseMilliseconds);
    };
    const stops = current.map(({ keeper }) => keeper.onText(onText));
    return () => {
      for (const stop of stops) stop();
      clearTimeout(timer);
    };
  }, [current]);

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if ([...keepers.values()].some((keeper) => keeper.isUnsaved)) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => {
      window.removeEventListener("beforeunload", warn);
      // Another page is opened: what was typed a moment ago is not lost.
      for (const keeper of keepers.values()) if (keeper.isUnsaved) void keeper.flush();
    };
  }, [keepers]);

  const tree = useMemo(() => readTree(current, edition), [current, edition]);
  const keeperOf = useCallback(
    (file: ConfigFileView) => keepers.get(file.id) ?? unknownFile(file),
    [keepers],
  );
  return { keeperOf, tree };
}

/** @param _edition counts the texts' changes: they live outside of React */
function readTree(current: readonly { file: ConfigFileView; keeper: DraftKeeper }[], _edition: number) {
  return current.map(({ file, keeper }) => ({ path: file.path, text: keeper.content }));
}

function unknownFile(file: ConfigFileView): never {
  throw new Error(`${file.path} is not among the files that drafts are kept of.`);
}

/** How the work on a file stands, as it changes. */
export function useDraftStatus(keeper: DraftKeeper): DraftStatus {
  return useSyncExternalStore(
    keeper.subscribe,
    () => keeper.status,
    () => keeper.status,
  );
}
