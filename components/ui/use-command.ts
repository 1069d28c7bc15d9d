"use client";

import { useRouter } from "next/navigation";
import { useCallback, useRef, useState, useTransition } from "react";
import { type CommandError, type Method, sendCommand } from "./send-command";
import { useStepUp } from "./step-up-context";

interface Options<Output> {
  method?: Method;
  /** After success. The page's data is read again first, unless `refresh` is false. */
  onDone?: (output: Output) => void;
  refresh?: boolean;
}

export interface CommandHandle<Output> {
  /** Sends it; the answer, or undefined when it was refused (then `error` says why). */
  send: (input?: unknown) => Promise<Output | undefined>;
  pending: boolean;
  error: CommandError | undefined;
  /** What is wrong with a field of the input, if anything. */
  fieldError: (path: string) => string | undefined;
  clearError: () => void;
}

/**
 * A write by the API, as a component needs it.
 *
 * Where the API wants a fresh touch the person is asked for one, and the act is sent again by itself.
 * A second press while one is under way does nothing.
 *
 * @param path below the site's root: `/api/v1/hosts/${id}/archive`
 */
export function useCommand<Output = unknown>(
  path: string,
  { method = "POST", onDone, refresh = true }: Options<Output> = {},
): CommandHandle<Output> {
  const router = useRouter();
  const askForStepUp = useStepUp();
  const [sending, setSending] = useState(false);
  const [refreshing, startRefresh] = useTransition();
  const [error, setError] = useState<CommandError>();
  const busy = useRef(false);

  const send = async (input?: unknown): Promise<Output | undefined> => {
    if (busy.current) return undefined;
    busy.current = true;
    setSending(true);
    setError(undefined);
    try {
      let answer = await sendCommand<Output>(path, input, method);
      if ("error" in answer && answer.error.code === "step_up_required" && (await askForStepUp()))
        answer = await sendCommand<Output>(path, input, method);
      if ("error" in answer) {
        if (answer.error.code === "unauthenticated")
          router.push(`/sign-in?next=${encodeURIComponent(window.location.pathname)}`);
        setError(answer.error);
        return undefined;
      }
      if (refresh) startRefresh(() => router.refresh());
      onDone?.(answer.output);
      return answer.output;
    } finally {
      busy.current = false;
      setSending(false);
    }
  };

  return {
    send,
    // Until the page shows what came of it: else the button would offer the same act once more.
    pending: sending || refreshing,
    error,
    fieldError: (field) => error?.fields?.[field],
    clearError: useCallback(() => setError(undefined), []),
  };
}
