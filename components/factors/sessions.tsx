"use client";

import { useState } from "react";
import { Status } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { DangerDialog } from "@/components/ui/danger-dialog";
import { FormError } from "@/components/ui/form-error";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { useCommand } from "@/components/ui/use-command";
import { visibleText } from "@/components/ui/visible-text";
import type { SessionView } from "@/lib/features/people/views";
import { browserOf } from "./browser-name";

function Session({ session }: { session: SessionView }) {
  const end = useCommand(`/api/v1/me/sessions/${session.id}`, { method: "DELETE" });
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-2.5 first:pt-0 last:pb-0">
      <div className="grid min-w-0 gap-0.5">
        <p className="flex flex-wrap items-center gap-x-2 text-sm">
          <span className="font-medium" title={visibleText(session.userAgent)}>
            <UntrustedText text={browserOf(session.userAgent)} />
          </span>
          <UntrustedText text={session.address} className="font-mono text-xs text-ink-soft" />
          {session.current && (
            <Status tone="ok" className="text-xs">
              this session
            </Status>
          )}
        </p>
        <p className="text-xs text-ink-faint">
          by {session.method}, <RelativeTime at={session.createdAt} /> · seen{" "}
          <RelativeTime at={session.seenAt} /> · ends <RelativeTime at={session.endsAt} />
        </p>
      </div>
      {!session.current && (
        <Button size="sm" pending={end.pending} onClick={() => void end.send()}>
          End
        </Button>
      )}
      <FormError error={end.error} />
    </li>
  );
}

/** Where the person is signed in, and the way to end it. */
export function Sessions({ sessions }: { sessions: readonly SessionView[] }) {
  return (
    <ul className="divide-y divide-line">
      {sessions.map((session) => (
        <Session key={session.id} session={session} />
      ))}
    </ul>
  );
}

/** Ends all sessions but this one. */
export function EndOtherSessions({ count }: { count: number }) {
  const [asked, setAsked] = useState(false);
  const end = useCommand("/api/v1/me/sessions", { method: "DELETE", onDone: () => setAsked(false) });
  if (count === 0) return null;
  return (
    <>
      <Button size="sm" onClick={() => setAsked(true)}>
        End all others…
      </Button>
      <DangerDialog
        open={asked}
        onOpenChange={setAsked}
        title="End all other sessions?"
        consequence={
          <p>
            {count === 1 ? "One other browser is" : `${count} other browsers are`} signed out at once. This
            one stays.
          </p>
        }
        confirmLabel="End them"
        pending={end.pending}
        onConfirm={() => void end.send()}
      >
        <FormError error={end.error} />
      </DangerDialog>
    </>
  );
}
