"use client";

import { useEffect, useRef, useState } from "react";
import { type CommandError, sendCommand } from "../ui/send-command";

/** Long enough not to send every key, short enough that a closed laptop loses a word at most. */
const quietMilliseconds = 700;

export type SaveState = "clean" | "waiting" | "saving" | "saved" | "failed";

interface Draft {
  content: string;
  state: SaveState;
  error: CommandError | undefined;
  edit: (content: string) => void;
  /** Sends what is not yet saved, at once. */
  flush: () => Promise<boolean>;
  /** Back to what is on the host. */
  discard: () => Promise<void>;
}

interface Options {
  fileId: string;
  /** What is on the host. */
  live: { content: string; sha256: string };
  draft: { content: string; baseSha256: string } | null;
  /** What was in the editor when another file was opened: newer than what this page was read with. */
  typed?: string | undefined;
}

/**
 * A person's work on a file, saved on the server while he types.
 *
 * A failed save is tried again with the next key and by `flush`; the text stays in the editor whatever happens.
 */
export function useDraft({ fileId, live, draft, typed }: Options): Draft {
  const [content, setContent] = useState(typed ?? draft?.content ?? live.content);
  const [state, setState] = useState<SaveState>(draft ? "saved" : "clean");
  const [error, setError] = useState<CommandError>();
  const latest = useRef(content);
  const saved = useRef(draft?.content ?? live.content);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const base = draft?.baseSha256 ?? live.sha256;
  const path = `/api/v1/config/files/${fileId}/draft`;

  const save = async (): Promise<boolean> => {
    clearTimeout(timer.current);
    const sent = latest.current;
    if (sent === saved.current) {
      // Typed and taken back: there is nothing to send, and nothing to wait for.
      setState("saved");
      return true;
    }
    setState("saving");
    const answer = await sendCommand(path, { fileId, baseSha256: base, content: sent }, "PUT");
    if ("error" in answer) {
      setError(answer.error);
      setState("failed");
      return false;
    }
    saved.current = sent;
    setError(undefined);
    setState(latest.current === sent ? "saved" : "waiting");
    return latest.current === sent || save();
  };

  const saving = useRef(save);
  saving.current = save;

  const edit = (next: string) => {
    // The editor also tells of the text that it was just given.
    if (next === latest.current) return;
    latest.current = next;
    setContent(next);
    setState("waiting");
    clearTimeout(timer.current);
    timer.current = setTimeout(save, quietMilliseconds);
  };

  const discard = async () => {
    clearTimeout(timer.current);
    const answer = await sendCommand(path, {}, "DELETE");
    if ("error" in answer) {
      setError(answer.error);
      setState("failed");
      return;
    }
    latest.current = live.content;
    saved.current = live.content;
    setContent(live.content);
    setError(undefined);
    setState("clean");
  };

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (latest.current !== saved.current) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    void saving.current();
    return () => {
      window.removeEventListener("beforeunload", warn);
      // Another file is opened, or another page: what was typed a moment ago is not lost.
      void saving.current();
    };
  }, []);

  return { content, state, error, edit, flush: save, discard };
}
