"use client";

import { Pencil, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { RuleView } from "@/lib/features/access-rules/views";
import { Button, ButtonLink } from "../ui/button";
import { DangerDialog } from "../ui/danger-dialog";
import { FormError } from "../ui/form-error";
import { useCommand } from "../ui/use-command";

/** What may be done about a rule. */
export function RuleActs({ rule }: { rule: Pick<RuleView, "id" | "name" | "severity" | "isEnabled"> }) {
  const [asking, setAsking] = useState(false);
  const router = useRouter();
  const remove = useCommand(`/api/v1/access/rules/${rule.id}`, {
    method: "DELETE",
    // The page that would be read again is gone.
    refresh: false,
    onDone: () => router.push("/access/rules"),
  });
  return (
    <>
      <ButtonLink href={`/access/rules/${rule.id}/edit`}>
        <Pencil aria-hidden /> Edit
      </ButtonLink>
      <Button variant="danger-quiet" onClick={() => setAsking(true)}>
        <Trash2 aria-hidden /> Remove
      </Button>
      <DangerDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Remove the rule “${rule.name}”?`}
        consequence={
          <p>
            {rule.isEnabled && rule.severity === "block"
              ? "Changes that it refuses today could be applied. "
              : "It is no longer checked. "}
            What it said stays in the activity.
          </p>
        }
        confirmLabel="Remove the rule"
        pending={remove.pending}
        onConfirm={() => void remove.send()}
      >
        <FormError error={remove.error} />
      </DangerDialog>
    </>
  );
}
