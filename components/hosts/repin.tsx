"use client";

import { useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { CodeBlock } from "@/components/ui/code-block";
import { DangerDialog } from "@/components/ui/danger-dialog";
import { Fingerprint } from "@/components/ui/fingerprint";
import { FormError } from "@/components/ui/form-error";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { useCommand } from "@/components/ui/use-command";
import type { HostKeyView, HostView } from "@/lib/features/hosts/views";
import { showHostKeys } from "./show-host-keys";

function KeyColumn({ title, keys }: { title: string; keys: readonly HostKeyView[] }) {
  return (
    <div className="grid min-w-0 grid-cols-1 content-start gap-2 bg-surface p-3">
      <h2 className="caption">{title}</h2>
      {keys.map((key) => (
        <div key={key.fingerprint} className="grid gap-0.5">
          <UntrustedText text={key.type} className="font-mono text-xs text-ink-faint" />
          <Fingerprint value={key.fingerprint} />
          <span className="text-xs text-ink-faint">
            {key.origin}, <RelativeTime at={key.at} />
          </span>
        </div>
      ))}
    </div>
  );
}

/** The host shows another key than the pinned one: both side by side, and the way to trust the new one. */
export function Repin({ host, canRepin }: { host: HostView; canRepin: boolean }) {
  const [asked, setAsked] = useState<HostKeyView>();
  const [compared, setCompared] = useState(false);
  const id = useId();
  const repin = useCommand(`/api/v1/hosts/${host.id}/repin`, { onDone: () => setAsked(undefined) });
  return (
    <section aria-label="The host key changed" className="grid grid-cols-1 gap-3">
      <Notice tone="danger" title="The host shows another key than the one we know. Nothing is sent to it.">
        Either its host key was replaced (a reinstall, a new machine under the same address), or somebody
        stands in between. Look at the key on the server&apos;s own console, not over SSH:
      </Notice>
      <CodeBlock label="Show the host's keys" text={showHostKeys} />
      <div className="grid gap-px overflow-hidden rounded-lg border border-line-strong bg-line-strong md:grid-cols-2">
        <KeyColumn title="Pinned" keys={host.pins} />
        <KeyColumn title="Offered now" keys={host.offered} />
      </div>
      {canRepin ? (
        <div className="flex flex-wrap justify-end gap-2">
          {host.offered.map((key) => (
            <Button
              key={key.fingerprint}
              variant="danger-quiet"
              onClick={() => {
                setCompared(false);
                setAsked(key);
              }}
            >
              Pin the offered <UntrustedText text={key.type} /> key…
            </Button>
          ))}
        </div>
      ) : (
        <p className="text-sm text-ink-soft">An owner or admin can pin the new key.</p>
      )}
      <DangerDialog
        open={asked !== undefined}
        onOpenChange={(open) => !open && setAsked(undefined)}
        title={`Trust the new key of ${host.name}?`}
        consequence={
          <>
            <p>
              From then on Gatehouse logs in to whoever holds this key and believes what it says. The old pin
              is kept as evidence.
            </p>
            {asked && <Fingerprint value={asked.fingerprint} type={asked.type} className="text-ink" />}
          </>
        }
        confirmLabel="Pin this key"
        disabled={!compared}
        pending={repin.pending}
        onConfirm={() => asked && void repin.send({ fingerprint: asked.fingerprint })}
      >
        <div className="flex items-start gap-2">
          <Checkbox id={id} checked={compared} onChange={(event) => setCompared(event.target.checked)} />
          <label htmlFor={id} className="pt-0.5 text-sm">
            I compared it with the key on the server&apos;s own console
          </label>
        </div>
        <FormError error={repin.error} />
      </DangerDialog>
    </section>
  );
}
