"use client";

import type { ChangeView } from "@/lib/features/changes/views";
import { Button } from "../ui/button";
import { Countdown, useSecondsUntil } from "../ui/countdown";
import { FormError } from "../ui/form-error";
import { Spinner } from "../ui/spinner";
import { UntrustedText } from "../ui/untrusted-text";
import { useCommand } from "../ui/use-command";
import { namesOf } from "./asked-accounts";
import { changeWords } from "./change-words";

/** How much of the host's patience is left, as a bar that empties. */
function Patience({ change, rollbackAt }: { change: ChangeView; rollbackAt: string }) {
  const left = useSecondsUntil(rollbackAt, change.now);
  const share = Math.min(1, left / change.deadlineSeconds);
  return (
    <div aria-hidden className="h-1 overflow-hidden rounded-full bg-sunken">
      <div
        className="h-full origin-left bg-accent transition-transform duration-300 ease-linear motion-reduce:transition-none"
        style={{ transform: `scaleX(${share})` }}
      />
    </div>
  );
}

/** A change that is open on its host: what is happening, the countdown, and the two acts of a person. */
export function PendingChange({ change }: { change: ChangeView }) {
  const keep = useCommand(`/api/v1/changes/${change.id}/keep`);
  const rollBack = useCommand(`/api/v1/changes/${change.id}/roll-back`);
  const words = changeWords[change.state];
  const waits = change.state === "awaiting_person";
  const proof = change.plan?.twoFactor?.proof;
  const unseen = waits && proof?.kind === "login" && !change.witness ? proof.accounts : undefined;
  return (
    <section
      aria-labelledby="pending-change"
      className="grid gap-3 rounded-lg border border-accent-line bg-accent-soft p-4"
    >
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <div className="grid min-w-0 gap-0.5">
          <h2 id="pending-change" className="flex items-center gap-2 text-base font-semibold">
            {!waits && <Spinner />}
            <span role="status">{words.label}</span>
          </h2>
          <p className="text-sm text-ink-soft">
            {unseen ? (
              <>
                Our own login worked. Now log in yourself with key and code, as{" "}
                <UntrustedText text={namesOf(unseen)} className="font-mono text-xs" /> at{" "}
                <UntrustedText text={change.hostAddress} className="font-mono text-xs" />. As soon as the host
                has seen it, you can keep the change here.
              </>
            ) : (
              words.meaning
            )}
          </p>
        </div>
        {change.rollbackAt && (
          <div className="grid justify-items-end">
            <span className="text-xs text-ink-soft">rolls back in</span>
            <Countdown
              at={change.rollbackAt}
              serverNow={change.now}
              className="font-mono text-2xl font-medium tabular-nums"
            />
          </div>
        )}
      </div>
      {change.rollbackAt && <Patience change={change} rollbackAt={change.rollbackAt} />}
      {(change.canKeep || change.canRollBack) && (
        <div className="flex flex-wrap gap-2">
          {change.canKeep && (
            <Button variant="primary" pending={keep.pending} onClick={() => keep.send()}>
              Keep this change
            </Button>
          )}
          {change.canRollBack && (
            <Button pending={rollBack.pending} onClick={() => rollBack.send()}>
              Roll back now
            </Button>
          )}
        </div>
      )}
      <FormError error={keep.error ?? rollBack.error} />
    </section>
  );
}
