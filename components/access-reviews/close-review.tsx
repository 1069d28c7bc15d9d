"use client";

import { Lock } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { DangerDialog } from "@/components/ui/danger-dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Textarea } from "@/components/ui/input";
import { useCommand } from "@/components/ui/use-command";
import { count } from "./review-words";

/** Ends a campaign for good; with undecided ways only for a reason. */
export function CloseReview({ reviewId, undecided }: { reviewId: string; undecided: number }) {
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const close = useCommand(`/api/v1/access/reviews/${reviewId}/close`, { onDone: () => setOpen(false) });
  return (
    <>
      <Button variant={undecided === 0 ? "primary" : "secondary"} onClick={() => setOpen(true)}>
        <Lock aria-hidden /> Close
      </Button>
      <DangerDialog
        open={open}
        onOpenChange={setOpen}
        title="Close this review?"
        consequence={
          <>
            <p>
              Nobody can alter it afterwards, and its hash goes into the activity. Revoked ways are watched on
              until a reading shows them gone.
            </p>
            {undecided > 0 && (
              <p className="font-medium text-danger">
                {count(undecided, "way is", "ways are")} undecided, and will stay so.
              </p>
            )}
          </>
        }
        confirmLabel="Close it for good"
        pending={close.pending}
        disabled={undecided > 0 && reason.trim() === ""}
        onConfirm={() => void close.send({ reason: undecided > 0 ? reason : "" })}
      >
        {undecided > 0 && (
          <Field label="Why it ends all the same" error={close.fieldError("reason")}>
            {(control) => (
              <Textarea
                {...control}
                rows={2}
                maxLength={500}
                value={reason}
                onChange={(event) => setReason(event.target.value)}
              />
            )}
          </Field>
        )}
        <FormError error={close.error} shownFields={undecided > 0 ? ["reason"] : []} />
      </DangerDialog>
    </>
  );
}
