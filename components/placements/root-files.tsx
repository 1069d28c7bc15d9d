"use client";

import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import { FormError } from "@/components/ui/form-error";
import { Section } from "@/components/ui/section";
import { useCommand } from "@/components/ui/use-command";
import type { HostKeysView } from "@/lib/features/placements/views";

/** Whether keys lie where their owners cannot edit them, and the plan by which they come to. */
export function RootFiles({ view }: { view: HostKeysView }) {
  const router = useRouter();
  const plan = useCommand<{ changeId: string }>("/api/v1/changes/root-key-files", {
    refresh: false,
    onDone: ({ changeId }) => router.push(`/changes/${changeId}`),
  });
  if (!view.readAt || view.obstacle !== null) return null;
  return (
    <Section
      title="Keys that only root can edit"
      lead="In /etc/ssh/authorized_keys.d, one file an account: whoever owns the account cannot add a key there."
      actions={
        view.rootFiles === "none" &&
        view.canPlan && (
          <Button pending={plan.pending} onClick={() => void plan.send({ hostId: view.hostId })}>
            Plan to look there first
          </Button>
        )
      }
    >
      <div className="grid grid-cols-1 gap-2 text-sm text-ink-soft">
        <p>{words[view.rootFiles]}</p>
        <FormError error={plan.error} />
      </div>
    </Section>
  );
}

const words: Record<HostKeysView["rootFiles"], string> = {
  none: "sshd does not look there. A plan puts the directory in front of the files that it reads now: these go on opening what they open, and not a byte of them is changed. What is placed from here then goes there.",
  some: "sshd looks there for some accounts. A Match block says otherwise for the rest: edit it in the configuration.",
  all: "sshd looks there first. What is placed from here goes there; the accounts' own files count as well, as long as AuthorizedKeysFile names them.",
};
