"use client";

import { Undo2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { Button } from "../ui/button";
import { FormError } from "../ui/form-error";
import { useCommand } from "../ui/use-command";

/** Plans the change that undoes a kept change of keys. */
export function PutBack({ changeId }: { changeId: string }) {
  const router = useRouter();
  const plan = useCommand<{ changeId: string }>(`/api/v1/changes/${changeId}/put-back`, {
    refresh: false,
    onDone: (made) => router.push(`/changes/${made.changeId}`),
  });
  return (
    <div className="grid grid-cols-1 gap-2">
      <div className="flex flex-wrap items-center gap-3">
        <Button pending={plan.pending} onClick={() => void plan.send()}>
          <Undo2 aria-hidden /> Plan to put it back
        </Button>
        <span className="text-xs text-ink-faint">
          What came goes, what went comes back. A plan shows it first; what others did since stays.
        </span>
      </div>
      <FormError error={plan.error} />
    </div>
  );
}
