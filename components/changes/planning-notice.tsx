"use client";

import type { ChangeView } from "@/lib/features/changes/views";
import { Button } from "../ui/button";
import { FormError } from "../ui/form-error";
import { Notice } from "../ui/notice";
import { UntrustedText } from "../ui/untrusted-text";
import { useCommand } from "../ui/use-command";
import { changeWords } from "./change-words";

/** While the host is asked for the plan, and when it could not be. */
export function PlanningNotice({ change }: { change: ChangeView }) {
  const replan = useCommand(`/api/v1/changes/${change.id}/replan`);
  const discard = useCommand(`/api/v1/changes/${change.id}/discard`);
  if (change.state !== "planning" && change.state !== "planned") return null;
  if (change.planError)
    return (
      <Notice
        tone="warn"
        title="The host could not be asked"
        urgent
        actions={
          <>
            <Button size="sm" pending={replan.pending} onClick={() => replan.send()}>
              Ask again
            </Button>
            <Button size="sm" variant="ghost" pending={discard.pending} onClick={() => discard.send()}>
              Discard
            </Button>
          </>
        }
      >
        <UntrustedText text={change.planError} />
        <FormError error={replan.error ?? discard.error} />
      </Notice>
    );
  if (change.state === "planned") return null;
  return (
    <Notice tone="busy" title={<span role="status">{changeWords.planning.label}</span>}>
      {changeWords.planning.meaning}
    </Notice>
  );
}
