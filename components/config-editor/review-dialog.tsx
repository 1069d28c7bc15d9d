"use client";

import { useState } from "react";
import type { ConfigFileView } from "@/lib/features/config/views";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Field } from "../ui/field";
import { FormError } from "../ui/form-error";
import { Input } from "../ui/input";
import { useCommand } from "../ui/use-command";
import type { DraftKeeper } from "./draft-keeper";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  file: ConfigFileView;
  keeper: DraftKeeper;
  onPlanned: (changeId: string) => void;
}

/** Makes a change of a draft: asks what it is for, then the host what it would do. */
export function ReviewDialog({ open, onOpenChange, file, keeper, onPlanned }: Props) {
  const [message, setMessage] = useState("");
  const plan = useCommand<{ changeId: string }>("/api/v1/changes", {
    refresh: false,
    onDone: ({ changeId }) => onPlanned(changeId),
  });

  async function review() {
    if (!(await keeper.flush())) return;
    await plan.send({ fileId: file.id, baseSha256: keeper.base, content: keeper.content, message });
  }

  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Review this change"
      description="The host is asked what it would do. Nothing is written before you have seen the answer and apply it."
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button variant="primary" pending={plan.pending} type="submit" form="name-change">
            Plan the change
          </Button>
        </>
      }
    >
      <form
        id="name-change"
        className="grid gap-3 pt-1"
        onSubmit={(event) => {
          event.preventDefault();
          void review();
        }}
      >
        <Field
          label="What is it for?"
          optional
          hint="One sentence for whoever reads the history."
          error={plan.fieldError("message")}
        >
          {(control) => (
            <Input
              {...control}
              value={message}
              maxLength={500}
              autoFocus
              onChange={(event) => setMessage(event.target.value)}
            />
          )}
        </Field>
        <FormError error={plan.error} shownFields={["message"]} />
      </form>
    </Dialog>
  );
}
