"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { useCommand } from "@/components/ui/use-command";
import type { AccountReadinessView } from "@/lib/features/readiness/views";

interface Props {
  hostId: string;
  account: AccountReadinessView;
  onClose: () => void;
}

/** Answers for an account that is not ready: why, and until when. */
export function ExceptAccount({ hostId, account, onClose }: Props) {
  const [reason, setReason] = useState("");
  const [day, setDay] = useState("");
  const except = useCommand(`/api/v1/hosts/${hostId}/two-factor-exceptions`, { onDone: onClose });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={
        <>
          Except <UntrustedText text={account.account} className="font-mono" />
        </>
      }
      description="A second factor may then be required although this account is not ready: it goes on logging in by its key alone, as a robot does. Your name stands beside it."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            pending={except.pending}
            disabled={reason.trim().length < 3 || day === ""}
            onClick={() =>
              void except.send({ account: account.account, reason, endsAt: `${day}T00:00:00.000Z` })
            }
          >
            I answer for it
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <Field label="Why" error={except.fieldError("reason")}>
          {(control) => (
            <Input
              {...control}
              value={reason}
              maxLength={500}
              placeholder="Backup robot: logs in by its key from 192.0.2.8"
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        <Field
          label="Until"
          hint="At 0:00 UTC, within a year. From then on the account counts again; what the host asks for does not change by itself."
          error={except.fieldError("endsAt")}
        >
          {(control) => (
            <Input {...control} type="date" value={day} onChange={(event) => setDay(event.target.value)} />
          )}
        </Field>
        <FormError error={except.error} />
      </div>
    </Dialog>
  );
}
