"use client";

import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import { FormError } from "@/components/ui/form-error";
import { useCommand } from "@/components/ui/use-command";

/** Brings what grants want of one person, and what stands on hosts, together: on all hosts in one plan. */
export function PersonBatches({ personId }: { personId: string }) {
  const router = useRouter();
  const plan = useCommand<{ batchId: string }>("/api/v1/key-batches/wanted", {
    refresh: false,
    onDone: ({ batchId }) => router.push(`/changes/batches/${batchId}`),
  });
  return (
    <div className="grid grid-cols-1 gap-3">
      <div className="flex flex-wrap gap-2">
        <Button pending={plan.pending} onClick={() => void plan.send({ kind: "place", personId })}>
          Plan to place what is wanted
        </Button>
        <Button pending={plan.pending} onClick={() => void plan.send({ kind: "withdraw", personId })}>
          Plan to remove what is unwanted
        </Button>
      </div>
      <FormError error={plan.error} />
    </div>
  );
}
