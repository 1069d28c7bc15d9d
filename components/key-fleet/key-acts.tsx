"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { useCommand } from "@/components/ui/use-command";
import type { FoundKeyRow } from "@/lib/features/key-fleet/views";
import { AdoptKey } from "./adopt-key";
import { count } from "./batch-words";

interface Props {
  keys: readonly FoundKeyRow[];
  view: {
    canPlan: boolean;
    canExpire: boolean;
    canAdopt: boolean;
    people: readonly { id: string; name: string }[];
  };
}

/** What can be done about keys that stand on hosts. Each leads to a plan, which is shown before anything is written. */
export function KeyActs({ keys, view }: Props) {
  const router = useRouter();
  const [asked, setAsked] = useState<"expire" | "adopt">();
  const [day, setDay] = useState("");
  const plan = useCommand<{ batchId: string }>("/api/v1/key-batches/found", {
    refresh: false,
    onDone: ({ batchId }) => router.push(`/changes/batches/${batchId}`),
  });
  const fingerprints = keys.map(({ fingerprint }) => fingerprint);
  const [only] = keys.length === 1 ? keys : [];
  const lines = keys.reduce((sum, key) => sum + key.lines, 0);
  return (
    <div className="flex flex-wrap items-center gap-2">
      {view.canAdopt && only && (!only.owner || only.owner.hasLeft) && (
        <Button onClick={() => setAsked("adopt")}>Say whose it is…</Button>
      )}
      {view.canExpire && <Button onClick={() => setAsked("expire")}>Let end…</Button>}
      {view.canPlan && (
        <Button
          variant="danger-quiet"
          pending={plan.pending}
          onClick={() => void plan.send({ kind: "remove", fingerprints })}
        >
          Plan to remove everywhere
        </Button>
      )}
      {asked === undefined && <FormError error={plan.error} />}
      {asked === "adopt" && only && (
        <AdoptKey shown={only} people={view.people} onClose={() => setAsked(undefined)} />
      )}
      <Dialog
        open={asked === "expire"}
        onOpenChange={(open) => !open && setAsked(undefined)}
        title={`Let ${count(keys.length, "key")} end`}
        description={`${count(lines, "line")} get an end after which sshd passes over them. A line that ends earlier stays as it is.`}
        footer={
          <>
            <Button onClick={() => setAsked(undefined)}>Cancel</Button>
            <Button
              variant="primary"
              pending={plan.pending}
              disabled={day === ""}
              onClick={() => void plan.send({ kind: "expire", fingerprints, at: `${day}T00:00:00Z` })}
            >
              Plan it
            </Button>
          </>
        }
      >
        <div className="grid gap-4">
          <Field
            label="Ends on"
            hint="At 0:00 UTC. sshd knows this since 7.7, and UTC since 9.1: an older host refuses it in the plan."
            error={plan.fieldError("at")}
          >
            {(control) => (
              <Input {...control} type="date" value={day} onChange={(event) => setDay(event.target.value)} />
            )}
          </Field>
          <FormError error={plan.error} />
        </div>
      </Dialog>
    </div>
  );
}
