"use client";

import { useState } from "react";
import { Status } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { DangerDialog } from "@/components/ui/danger-dialog";
import { Fingerprint } from "@/components/ui/fingerprint";
import { FormError } from "@/components/ui/form-error";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { useCommand } from "@/components/ui/use-command";
import type { ImportedKeyView } from "@/lib/features/key-imports/views";
import { stateWords } from "./import-words";

interface Props {
  shown: ImportedKeyView;
  /** Of its import, below the site's root. */
  path: string;
  canWrite: boolean;
  /** None may be removed now. */
  isAlarmed: boolean;
}

/** One key of a place: what it is, what is proposed, and the answers. */
export function ImportedKey({ shown, path, canWrite, isAlarmed }: Props) {
  const [isRemoving, setIsRemoving] = useState(false);
  const decide = useCommand(`${path}/keys`, { onDone: () => setIsRemoving(false) });
  const { fingerprint, type, bits, comment, state, owner, isProved } = shown;
  const words = stateWords[state];
  const answer = (decision: "take" | "decline" | "remove" | "keep") =>
    void decide.send({ fingerprint, decision });
  const called = comment || fingerprint;
  return (
    <li className="grid grid-cols-1 gap-2 py-3 last:pb-0 sm:grid-cols-[1fr_auto] sm:items-start">
      <div className="grid min-w-0 gap-1">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-0.5 text-sm">
          <span className="min-w-0 break-all font-medium">
            {comment ? <UntrustedText text={comment} /> : <span className="text-ink-faint">no comment</span>}
          </span>
          <Status tone={words.tone}>{words.label}</Status>
        </p>
        <Fingerprint type={`${type} ${bits}`} value={fingerprint} plain />
        <p className="text-xs text-ink-soft">
          {owner ? `Belongs to ${owner} here. A key is one person's.` : words.text}
          {state === "known" && !isProved && " It counts when its holder has proved it."}
        </p>
        <FormError error={isRemoving ? undefined : decide.error} />
      </div>
      {canWrite && (
        <div className="flex flex-wrap gap-2">
          {(state === "new" || state === "declined") && (
            <Button
              size="sm"
              variant={state === "new" ? "primary" : "secondary"}
              pending={decide.pending}
              aria-label={`Take ${called}`}
              onClick={() => answer("take")}
            >
              Take
            </Button>
          )}
          {state === "new" && (
            <Button
              size="sm"
              disabled={decide.pending}
              aria-label={`Decline ${called}`}
              onClick={() => answer("decline")}
            >
              Decline
            </Button>
          )}
          {(state === "gone" || state === "kept") && (
            <Button
              size="sm"
              variant="danger-quiet"
              disabled={decide.pending || isAlarmed}
              aria-label={`Remove ${called} here`}
              onClick={() => setIsRemoving(true)}
            >
              Remove here…
            </Button>
          )}
          {state === "gone" && (
            <Button
              size="sm"
              disabled={decide.pending}
              aria-label={`Keep ${called}`}
              onClick={() => answer("keep")}
            >
              Keep
            </Button>
          )}
        </div>
      )}
      <DangerDialog
        open={isRemoving}
        onOpenChange={(open) => {
          setIsRemoving(open);
          decide.clearError();
        }}
        title="Remove this key here?"
        consequence={
          <>
            <p className="break-all">
              <UntrustedText text={called} /> stands there no more. Removed here it counts as nobody's.
            </p>
            <p>What hosts have of it stays until it is removed there, too.</p>
          </>
        }
        confirmLabel="Remove this key"
        pending={decide.pending}
        onConfirm={() => answer("remove")}
      >
        <FormError error={decide.error} />
      </DangerDialog>
    </li>
  );
}
