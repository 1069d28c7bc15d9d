"use client";

import { Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { Button } from "./button";
import { DangerDialog } from "./danger-dialog";
import { FormError } from "./form-error";
import { useCommand } from "./use-command";

interface Props {
  /** What is removed, by its place in the API. */
  path: string;
  /** Where to go afterwards: its own page is gone. */
  leadsTo: string;
  title: string;
  consequence: ReactNode;
  confirmLabel: string;
}

/** Removes the thing that a page is about, once somebody has read what follows from it. */
export function RemoveAct({ path, leadsTo, title, consequence, confirmLabel }: Props) {
  const [asking, setAsking] = useState(false);
  const router = useRouter();
  const remove = useCommand(path, {
    method: "DELETE",
    // The page that would be read again is gone.
    refresh: false,
    onDone: () => router.push(leadsTo),
  });
  return (
    <>
      <Button variant="danger-quiet" onClick={() => setAsking(true)}>
        <Trash2 aria-hidden /> Remove
      </Button>
      <DangerDialog
        open={asking}
        onOpenChange={setAsking}
        title={title}
        consequence={<p>{consequence}</p>}
        confirmLabel={confirmLabel}
        pending={remove.pending}
        onConfirm={() => void remove.send()}
      >
        <FormError error={remove.error} />
      </DangerDialog>
    </>
  );
}
