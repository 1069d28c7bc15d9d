"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { DangerDialog } from "@/components/ui/danger-dialog";
import { FormError } from "@/components/ui/form-error";
import { useCommand } from "@/components/ui/use-command";
import type { BatchView } from "@/lib/features/key-fleet/views";
import { ConfirmBatch } from "./confirm-batch";

/** What can be done about a batch: apply it, end it. */
export function BatchActs({ batch }: { batch: BatchView }) {
  const [asking, setAsking] = useState(false);
  const cancel = useCommand(`/api/v1/key-batches/${batch.id}/cancel`, { onDone: () => setAsking(false) });
  return (
    <>
      {batch.canCancel && (
        <Button variant="ghost" onClick={() => setAsking(true)}>
          Cancel the batch…
        </Button>
      )}
      <ConfirmBatch batch={batch} />
      <DangerDialog
        open={asking}
        onOpenChange={setAsking}
        title="Cancel what is left of this batch?"
        consequence={
          <p>
            Plans that were not applied are thrown away. What was applied stays, and a change that is on its
            way goes to its end.
          </p>
        }
        confirmLabel="Cancel the batch"
        pending={cancel.pending}
        onConfirm={() => void cancel.send()}
      >
        <FormError error={cancel.error} />
      </DangerDialog>
    </>
  );
}
