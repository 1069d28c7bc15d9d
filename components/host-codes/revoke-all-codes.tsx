"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { DangerDialog } from "@/components/ui/danger-dialog";
import { FormError } from "@/components/ui/form-error";
import { useCommand } from "@/components/ui/use-command";
import type { PlacedCodeView } from "@/lib/features/host-codes/views";

interface Props {
  personId: string;
  codes: readonly PlacedCodeView[];
  label: string;
  /** Undefined: they are the viewer's own. */
  personName?: string;
}

const nameOf = ({ account, hostName }: PlacedCodeView) => `${account} on ${hostName}`;

/** For the day that the phone is lost: every code of a person goes, from every host, by one act. */
export function RevokeAllCodes({ personId, codes, label, personName }: Props) {
  const [asking, setAsking] = useState(false);
  const revoke = useCommand(`/api/v1/people/${personId}/host-codes/revoke`, {
    onDone: () => setAsking(false),
  });
  // What goes already need not be asked for again.
  const standing = codes.filter(({ act, state }) => act !== "remove" || state === "failed");
  if (standing.length === 0) return null;
  const places = standing.length === 1 ? "1 account" : `${standing.length} accounts`;
  const asked = standing.filter(({ isAsked, isOptional }) => isAsked && !isOptional);
  const optional = standing.filter(({ isAsked, isOptional }) => isAsked && isOptional);
  return (
    <>
      <Button size="sm" variant="danger-quiet" onClick={() => setAsking(true)}>
        {label}
      </Button>
      <DangerDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Revoke ${personName ? `all codes of ${personName}` : "all your codes"}?`}
        consequence={
          <>
            <p>
              The app's codes and the scratch codes stop working for {places}. A host that does not answer
              follows when it is back.
            </p>
            {asked.length > 0 && (
              <p>
                These ask for a code, and let {personName ?? "you"} in again only with new ones:{" "}
                {asked.map(nameOf).join(", ")}.
              </p>
            )}
            {optional.length > 0 && (
              <p>
                These ask for a code only who has some, and let {personName ?? "you"} in by the key alone from
                now on: {optional.map(nameOf).join(", ")}. Is the key in wrong hands, too, take it out as
                well.
              </p>
            )}
            {!personName && (
              <p>
                With a new phone at hand, <em>Enrol anew</em> does both at once, account by account.
              </p>
            )}
          </>
        }
        confirmLabel="Revoke all"
        pending={revoke.pending}
        onConfirm={() => void revoke.send()}
      >
        <FormError error={revoke.error} />
      </DangerDialog>
    </>
  );
}
