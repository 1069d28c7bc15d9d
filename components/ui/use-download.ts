"use client";

import { useState } from "react";
import type { CommandError } from "./send-command";
import { useStepUp } from "./step-up-context";

interface Download {
  /** Fetches the file and hands it to the browser; what was refused stands in `error`. */
  download: (path: string, fileName: string) => Promise<void>;
  pending: boolean;
  error: CommandError | undefined;
}

async function errorOf(response: Response): Promise<CommandError> {
  try {
    const body = (await response.json()) as { error?: CommandError };
    if (body.error) return body.error;
  } catch {
    // No JSON: the sentence below says as much as we know.
  }
  return { code: "unavailable", message: `The export was refused (${response.status}). Try again.` };
}

function save(blob: Blob, fileName: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
  // The browser has taken the file over by then; at once, some have not.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A file of the API that wants a fresh touch: the person is asked for one, and it is fetched again by itself. */
export function useDownload(): Download {
  const askForStepUp = useStepUp();
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<CommandError>();

  async function download(path: string, fileName: string) {
    setPending(true);
    setError(undefined);
    try {
      let response = await fetch(path);
      let refusal = response.ok ? undefined : await errorOf(response);
      if (refusal?.code === "step_up_required" && (await askForStepUp())) {
        response = await fetch(path);
        refusal = response.ok ? undefined : await errorOf(response);
      }
      if (refusal) setError(refusal);
      else save(await response.blob(), fileName);
    } catch {
      setError({ code: "unavailable", message: "Gatehouse did not answer. Try again." });
    } finally {
      setPending(false);
    }
  }
  return { download, pending, error };
}
