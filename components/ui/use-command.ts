"use client";

import { useRouter } from "next/navigation";
import { useCallback, useRef, useState } from "react";
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
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<CommandError>();
  const busy = useRef(false);

  const send = async (input?: unknown): Promise<Output | undefined> => {
    if (busy.current) return undefined;
    busy.current = true;
    setPending(true);
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
      if (refresh) router.refresh();
      onDone?.(answer.output);
      return answer.output;
    } finally {
      busy.current = false;
      setPending(false);
    }
  };

  return {
    send,
    pending,
    error,
    fieldError: (field) => error?.fields?.[field],
    clearError: useCallback(() => setError(undefined), []),
  };
}
