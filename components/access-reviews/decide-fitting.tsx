"use client";

import { Check, X } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { FormError } from "@/components/ui/form-error";
import { sayDone } from "@/components/ui/toaster";
import { useCommand } from "@/components/ui/use-command";
import type { ReviewFilter } from "@/lib/features/access-reviews/schema";
import { count } from "./review-words";
import { RevokeDialog } from "./revoke-dialog";

interface Props {
  reviewId: string;
  filter: ReviewFilter;
  /** Undecided ways of the viewer's that fit, on all pages. */
  fitting: number;
}

/** Decides at once about everything undecided that the filter shows, however many pages it fills. */
export function DecideFitting({ reviewId, filter, fitting }: Props) {
  const [asking, setAsking] = useState<"confirm" | "revoke">();
  const all = useCommand<{ decided: number }>(`/api/v1/access/reviews/${reviewId}/decide-all`, {
    onDone: ({ decided }) => {
      setAsking(undefined);
      sayDone(`Decided about ${count(decided, "way", "ways")}.`);
    },
  });
  if (fitting < 2) return null;
  const { q, host, account, person } = filter;
  const send = (decision: "confirm" | "revoke", reason = "") =>
    all.send({ decision, reason, expected: fitting, filter: { q, host, account, person } });
  const close = () => {
    setAsking(undefined);
    all.clearError();
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button size="sm" onClick={() => setAsking("confirm")}>
        <Check aria-hidden /> Confirm all {fitting.toLocaleString("en")}
      </Button>
      <Button size="sm" variant="danger-quiet" onClick={() => setAsking("revoke")}>
        <X aria-hidden /> Revoke all {fitting.toLocaleString("en")}
      </Button>
      <Dialog
        open={asking === "confirm"}
        onOpenChange={(open) => !open && close()}
        title={`Confirm ${count(fitting, "way in", "ways in")}?`}
        description="Every undecided way of yours that the filter shows, on all pages. You say of each that it should stay; it stands in the evidence under your name."
        className="max-w-md"
        footer={
          <>
            <Button onClick={close}>Cancel</Button>
            <Button variant="primary" pending={all.pending} onClick={() => void send("confirm")}>
              Confirm {count(fitting, "way", "ways")}
            </Button>
          </>
        }
      >
        <FormError error={all.error} />
      </Dialog>
      {asking === "revoke" && (
        <RevokeDialog
          ways={fitting}
          pending={all.pending}
          error={all.error}
          onCancel={close}
          onRevoke={(reason) => void send("revoke", reason)}
        />
      )}
    </div>
  );
}
