"use client";

import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import { Checkbox } from "@/components/ui/checkbox";
import { DangerDialog } from "@/components/ui/danger-dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { useCommand } from "@/components/ui/use-command";
import type { HostView } from "@/lib/features/hosts/views";

interface Props {
  onClose: () => void;
  host: HostView;
}

/** Takes Gatehouse off a host. The name must be typed: the host must be added anew to come back. */
export function RemoveHost({ onClose, host }: Props) {
  const router = useRouter();
  const id = useId();
  const [name, setName] = useState("");
  const [anyway, setAnyway] = useState(false);
  const { send, pending, error } = useCommand<{ operationId: string | null }>(
    `/api/v1/hosts/${host.id}/remove`,
    {
      onDone: (answer) => {
        onClose();
        // Forgotten at once: this page is no more. Otherwise the page shows how the removal goes.
        if (!answer?.operationId) router.push("/hosts");
      },
    },
  );
  return (
    <DangerDialog
      open
      onOpenChange={(next) => !next && onClose()}
      title={`Remove ${host.name}?`}
      consequence={
        <>
          <p>
            The agent, the account <code className="font-mono text-xs">gatehouse</code>, its key and its sudo
            rule leave the host. Its sshd_config stays as it is, without our mark; logins of people go on
            working.
          </p>
          <p>
            Here its versions and changes stay in the archive, without the key that reached it. Its name is
            free again.
          </p>
        </>
      }
      confirmLabel={`Remove ${host.name}`}
      disabled={name !== host.name}
      pending={pending}
      onConfirm={() => void send({ name, evenIfUnreachable: anyway })}
    >
      <Field label={`Type ${host.name} to confirm`}>
        {(control) => (
          <Input
            {...control}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      {host.condition !== "ready" && (
        <div className="flex items-start gap-2">
          <Checkbox id={id} checked={anyway} onChange={(event) => setAnyway(event.target.checked)} />
          <label htmlFor={id} className="pt-0.5 text-sm">
            Forget it although it does not answer. What was installed stays on it.
          </label>
        </div>
      )}
      <FormError error={error} />
    </DangerDialog>
  );
}
