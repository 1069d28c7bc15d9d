"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { FormError } from "@/components/ui/form-error";
import { RelativeTime } from "@/components/ui/relative-time";
import { Spinner } from "@/components/ui/spinner";
import { useCommand } from "@/components/ui/use-command";
import type { HostView, InstallCommandView } from "@/lib/features/hosts/views";

/** The command to paste on the server. It holds a one-time secret: shown once, kept nowhere. */
export function EnrolByCommand({ host }: { host: HostView }) {
  const [shown, setShown] = useState<InstallCommandView>();
  const make = useCommand<InstallCommandView>(`/api/v1/hosts/${host.id}/install-command`, {
    onDone: setShown,
  });
  const ready = host.enrolment?.commandReady ?? false;
  const waiting = host.enrolment?.way === "command" && host.enrolment.state === "waiting";
  return (
    <div className="grid grid-cols-1 gap-3">
      {shown ? (
        <>
          <p className="text-sm text-ink-soft">
            Paste this in a root shell on <strong className="text-ink">{host.name}</strong>. It is good for
            one use, and ends <RelativeTime at={shown.expiresAt} />.
          </p>
          <CodeBlock label="Install command" text={shown.command} wrap />
          <p role="status" className="flex items-center gap-2 text-sm text-ink-soft">
            <Spinner /> Waiting for the host to report. This page goes on by itself.
          </p>
        </>
      ) : (
        <p className="text-sm text-ink-soft">
          The command installs the agent, its account and its key (and OpenSSH where it is missing), and
          reports the host&apos;s keys.{" "}
          {waiting && ready && "One was made already; a new one takes its place."}
        </p>
      )}
      {!ready && !make.pending && (
        <p role="status" className="flex items-center gap-2 text-sm text-ink-soft">
          <Spinner /> A worker is making the key for this host…
        </p>
      )}
      <FormError error={make.error} />
      <div>
        <Button
          variant={shown ? "secondary" : "primary"}
          disabled={!ready}
          pending={make.pending}
          onClick={() => void make.send()}
        >
          {shown ? "Make a new command" : "Show the install command"}
        </Button>
      </div>
    </div>
  );
}
