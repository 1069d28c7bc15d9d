"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { DangerDialog } from "@/components/ui/danger-dialog";
import { FormError } from "@/components/ui/form-error";
import { useCommand } from "@/components/ui/use-command";
import type { KeyPolicyDetailView, TogetherView } from "@/lib/features/key-policies/views";

/** Hosts on which it was not done. */
export type Refused = readonly { readonly hostName: string; readonly reason: string }[];

interface Props {
  policy: KeyPolicyDetailView;
  onRefused: (refused: Refused) => void;
}

/** Applies the plans of all hosts of the page by which nobody loses his last way in. */
export function ApplyTogether({ policy, onRefused }: Props) {
  const [asking, setAsking] = useState(false);
  const apply = useCommand<{ refused: Refused }>(`/api/v1/key-policies/${policy.id}/apply`, {
    onDone: ({ refused }) => {
      setAsking(false);
      onRefused(refused);
    },
  });
  const ready = hostsAt(policy, "apply");
  const alone = hostsAt(policy, "alone").length;
  if (ready.length < 2) return null;
  const hosts = `${ready.length} hosts`;
  return (
    <>
      <Button variant="primary" onClick={() => setAsking(true)}>
        Apply to {hosts}…
      </Button>
      <DangerDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Apply the policy to ${hosts}?`}
        consequence={
          <>
            <ul className="max-h-48 overflow-y-auto">
              {ready.map(({ hostName, together }) => (
                <li key={hostName} className="break-words">
                  {hostName}: {waysWords(together)}
                </li>
              ))}
            </ul>
            <p>
              By these plans no account loses its last way in. Each host undoes its change by itself after ten
              minutes unless it is kept: try your own login meanwhile, and leave a session open.
            </p>
            {alone > 0 && <p>{alone === 1 ? "1 host is" : `${alone} hosts are`} left out: see there why.</p>}
          </>
        }
        confirmLabel={`Apply to ${hosts}`}
        pending={apply.pending}
        onConfirm={() => void apply.send({ changeIds: idsOf(ready), seen: policy.seen })}
      >
        <FormError error={apply.error} />
      </DangerDialog>
    </>
  );
}

/** Keeps what was applied on the hosts of the page, after the person has tried his own login. */
export function KeepTogether({ policy, onRefused }: Props) {
  const [asking, setAsking] = useState(false);
  const keep = useCommand<{ refused: Refused }>(`/api/v1/key-policies/${policy.id}/keep`, {
    onDone: ({ refused }) => {
      setAsking(false);
      onRefused(refused);
    },
  });
  const waiting = hostsAt(policy, "keep");
  if (waiting.length < 2) return null;
  const hosts = `${waiting.length} hosts`;
  return (
    <>
      <Button variant="primary" onClick={() => setAsking(true)}>
        Keep on {hosts}…
      </Button>
      <DangerDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Keep the policy on ${hosts}?`}
        consequence={
          <p>
            A login of ours does not prove that people still get in. Log in to {namesOf(waiting)} with your
            own key, in a new session, before you keep it.
          </p>
        }
        confirmLabel={`I have logged in: keep on ${hosts}`}
        pending={keep.pending}
        onConfirm={() => void keep.send({ changeIds: idsOf(waiting) })}
      >
        <FormError error={keep.error} />
      </DangerDialog>
    </>
  );
}

interface HostTogether {
  readonly hostName: string;
  readonly together: TogetherView;
}

function hostsAt({ rows }: KeyPolicyDetailView, step: TogetherView["step"]): HostTogether[] {
  return rows.flatMap(({ hostName, together }) => (together?.step === step ? [{ hostName, together }] : []));
}

const idsOf = (hosts: readonly HostTogether[]) => hosts.map(({ together }) => together.changeId);

function waysWords(together: TogetherView): string {
  if (together.step !== "apply" || together.losesWays === 0) return "no way in goes";
  return together.losesWays === 1 ? "1 way in goes" : `${together.losesWays} ways in go`;
}

function namesOf(hosts: readonly HostTogether[]): string {
  const names = hosts.slice(0, 3).map(({ hostName }) => hostName);
  return hosts.length > names.length ? `${names.join(", ")} and the others` : names.join(", ");
}
