"use client";

import { useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { DangerDialog } from "@/components/ui/danger-dialog";
import { FormError } from "@/components/ui/form-error";
import { Notice } from "@/components/ui/notice";
import { Section } from "@/components/ui/section";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { useCommand } from "@/components/ui/use-command";
import type { AccountReadinessView, HostReadinessView } from "@/lib/features/readiness/views";
import { AccountReadiness } from "./account-readiness";
import { ExceptAccount } from "./except-account";
import { ExceptionLine } from "./exception-line";
import { countWords, standingOf } from "./readiness-words";

/** Accounts that are ready are of less interest: beyond so many they are shown when asked for. */
const mostReady = 10;

/** Who on the host could show a second factor, what is missing of whom, and who answers for whom. */
export function HostReadiness({ view }: { view: HostReadinessView }) {
  const [asked, setAsked] = useState<AccountReadinessView>();
  const [ended, setEnded] = useState<{ id: string; account: string }>();
  const [showsAll, setShowsAll] = useState(false);
  const standing = standingOf(view);
  const open = view.accounts.filter(({ state }) => state !== "ready");
  const ready = view.accounts.filter(({ state }) => state === "ready");
  const shown = showsAll ? ready : ready.slice(0, mostReady);
  return (
    <Section
      bare
      title={
        <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          Ready for a second factor <Badge tone={standing.tone}>{standing.text}</Badge>
        </span>
      }
      lead={`Whether everybody who logs in could show a second factor. ${countWords(view)}`}
    >
      {view.gaps.length > 0 && (
        <Notice tone="warn" title="Before a second factor may be required">
          <ul className="grid gap-1">
            {view.gaps.map(({ code, text }) => (
              <li key={code}>
                <UntrustedText text={text} />
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {view.accounts.length > 0 && (
        <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
          {[...open, ...shown].map((account) => (
            <AccountReadiness
              key={account.account}
              account={account}
              onExcept={view.canExcept ? () => setAsked(account) : undefined}
              onEnd={view.canExcept ? setEnded : undefined}
            />
          ))}
        </ul>
      )}
      {shown.length < ready.length && (
        <Button size="sm" className="justify-self-start" onClick={() => setShowsAll(true)}>
          Show {ready.length - shown.length} more that are ready
        </Button>
      )}
      {view.idle.length > 0 && (
        <ul className="grid gap-1 text-xs text-ink-soft">
          {view.idle.map((exception) => (
            <li key={exception.id}>
              <ExceptionLine
                account={exception.account}
                exception={exception}
                onEnd={view.canExcept ? setEnded : undefined}
              />{" "}
              Nobody logs in to this account, by the last reading.
            </li>
          ))}
        </ul>
      )}
      {asked && <ExceptAccount hostId={view.hostId} account={asked} onClose={() => setAsked(undefined)} />}
      {ended && <EndException exception={ended} onClose={() => setEnded(undefined)} />}
    </Section>
  );
}

interface EndProps {
  exception: { id: string; account: string };
  onClose: () => void;
}

function EndException({ exception, onClose }: EndProps) {
  const revoke = useCommand(`/api/v1/two-factor-exceptions/${exception.id}/revoke`, { onDone: onClose });
  return (
    <DangerDialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={
        <>
          Take back the exception of <UntrustedText text={exception.account} />?
        </>
      }
      consequence={
        <p>
          The account counts again: until it is ready, a second factor may not be required. What the host asks
          for today does not change by this.
        </p>
      }
      confirmLabel="Take it back"
      pending={revoke.pending}
      onConfirm={() => void revoke.send()}
    >
      <FormError error={revoke.error} />
    </DangerDialog>
  );
}
