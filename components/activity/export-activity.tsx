"use client";

import { Download } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { FormError } from "@/components/ui/form-error";
import type { CommandError } from "@/components/ui/send-command";
import { useStepUp } from "@/components/ui/step-up-context";

const path = "/api/v1/activity/export";

async function errorOf(response: Response): Promise<CommandError> {
  try {
    const body = (await response.json()) as { error?: CommandError };
    if (body.error) return body.error;
  } catch {
    // No JSON: the sentence below says as much as we know.
  }
  return { code: "unavailable", message: `The export was refused (${response.status}). Try again.` };
}

function save(blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = `gatehouse-activity-${new Date().toISOString().slice(0, 10)}.jsonl`;
  link.click();
  // The browser has taken the file over by then; at once, some have not.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** The whole activity as a file, for `npm run activity:verify`. Wants a fresh touch. */
export function ExportActivity() {
  const askForStepUp = useStepUp();
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<CommandError>();

  async function download() {
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
      else save(await response.blob());
    } catch {
      setError({ code: "unavailable", message: "Gatehouse did not answer. Try again." });
    } finally {
      setPending(false);
    }
  }
  return (
    <>
      <FormError error={error} />
      <Button pending={pending} onClick={() => void download()}>
        {!pending && <Download aria-hidden />} Export
      </Button>
    </>
  );
}
