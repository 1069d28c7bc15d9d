"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Select } from "@/components/ui/select";
import { useCommand } from "@/components/ui/use-command";

/** Brings what grants want, and what stands on the hosts of a tag, together in one plan. */
export function TagBatches({ tags }: { tags: readonly string[] }) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [tag, setTag] = useState("");
  const plan = useCommand<{ batchId: string }>("/api/v1/key-batches/wanted", {
    refresh: false,
    onDone: ({ batchId }) => router.push(`/changes/batches/${batchId}`),
  });
  if (tags.length === 0) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>By tag…</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Keys of all hosts with a tag"
        description="Everything that grants want there and is not there, or that stands there and is unwanted. A plan comes first."
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Button
              pending={plan.pending}
              disabled={tag === ""}
              onClick={() => void plan.send({ kind: "withdraw", tag })}
            >
              Plan to remove what is unwanted
            </Button>
            <Button
              variant="primary"
              pending={plan.pending}
              disabled={tag === ""}
              onClick={() => void plan.send({ kind: "place", tag })}
            >
              Plan to place what is wanted
            </Button>
          </>
        }
      >
        <div className="grid gap-4">
          <Field label="Tag">
            {(control) => (
              <Select {...control} value={tag} onChange={(event) => setTag(event.target.value)}>
                <option value="">Choose a tag</option>
                {tags.map((one) => (
                  <option key={one} value={one}>
                    {one}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <FormError error={plan.error} />
        </div>
      </Dialog>
    </>
  );
}
