"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { DangerDialog } from "@/components/ui/danger-dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { useCommand } from "@/components/ui/use-command";
import type { BatchView } from "@/lib/features/key-fleet/views";
import { count } from "./batch-words";

/** The one confirmation of a batch: it names the hosts, what comes and goes, and every last way in. */
export function ConfirmBatch({ batch }: { batch: BatchView }) {
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState("");
  const confirm = useCommand(`/api/v1/key-batches/${batch.id}/confirm`, {
    onDone: () => {
      setAsking(false);
      setTyped("");
    },
  });
  const { confirmation } = batch;
  if (!confirmation || !batch.canConfirm) return null;
  const { planned, pending, later, losses, losesWays, gainsWays, seen } = confirmation;
  const nothingYet = planned === 0 && later === 0;
  return (
    <>
      <Button
        variant={losses.length > 0 ? "danger-quiet" : "primary"}
        disabled={pending > 0 || nothingYet}
        title={pending > 0 ? `${count(pending, "host is", "hosts are")} still being asked.` : undefined}
        onClick={() => setAsking(true)}
      >
        Apply to {count(planned, "host")}…
      </Button>
      <DangerDialog
        open={asking}
        onOpenChange={setAsking}
        title={`${batch.title}: apply to ${count(planned, "host")}?`}
        consequence={
          <div className="grid grid-cols-1 gap-2">
            <p>
              {gainsWays > 0 && `${count(gainsWays, "way")} in would come. `}
              {losesWays > 0 && `${count(losesWays, "way")} in would go. `}
              Each host undoes its change by itself unless a fresh login of ours proves it. Sessions that are
              open now stay.
            </p>
            {later > 0 && (
              <p>
                {count(later, "host", "hosts")} cannot be asked now. What comes of it there is not known yet:
                it follows when the host is back, and asks again before an account loses its last way in.
              </p>
            )}
            {losses.length > 0 && (
              <div className="grid grid-cols-1 gap-1">
                <p className="font-medium text-danger">Nobody could log in any more:</p>
                <ul className="max-h-48 overflow-y-auto">
                  {losses.map(({ hostName, accounts }) => (
                    <li key={hostName} className="break-words">
                      {hostName}:{" "}
                      {accounts.map((account, index) => (
                        <span key={account}>
                          {index > 0 && ", "}
                          <UntrustedText text={account} className="font-medium" />
                        </span>
                      ))}
                    </li>
                  ))}
                </ul>
              </div>
            )}
          </div>
        }
        confirmLabel="Apply"
        pending={confirm.pending}
        disabled={confirmation.typed !== null && typed.trim().toLowerCase() !== confirmation.typed}
        onConfirm={() => void confirm.send({ seen, typed })}
      >
        {confirmation.typed !== null && (
          <Field label={`Type “${confirmation.typed}” to go on`} error={confirm.fieldError("typed")}>
            {(control) => (
              <Input
                {...control}
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
                autoComplete="off"
              />
            )}
          </Field>
        )}
        <FormError error={confirm.error} />
      </DangerDialog>
    </>
  );
}
