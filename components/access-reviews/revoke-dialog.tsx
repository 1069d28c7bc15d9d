"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Textarea } from "@/components/ui/input";
import type { CommandError } from "@/components/ui/send-command";
import { count } from "./review-words";

interface Props {
  /** How many ways it is about. */
  ways: number;
  pending: boolean;
  error: CommandError | undefined;
  onCancel: () => void;
  onRevoke: (reason: string) => void;
}

/** Asks why, and says what revoking does and what it does not. */
export function RevokeDialog({ ways, pending, error, onCancel, onRevoke }: Props) {
  const [reason, setReason] = useState("");
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onCancel()}
      title={`Revoke ${count(ways, "way in", "ways in")}?`}
      description="Nothing changes on the host by this: it becomes a to-do with the exact line, and counts as gone only when a reading of the host shows it."
      className="max-w-md"
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          onRevoke(reason);
        }}
      >
        <Field label="Reason" hint="Whoever removes it reads this, and it stands in the evidence.">
          {(control) => (
            <Textarea
              {...control}
              autoFocus
              required
              rows={3}
              maxLength={500}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        <FormError error={error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onCancel}>Cancel</Button>
          <Button type="submit" variant="danger" pending={pending}>
            Revoke {ways === 1 ? "it" : count(ways, "way", "ways")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
