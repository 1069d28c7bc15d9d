"use client";

import { DangerDialog } from "@/components/ui/danger-dialog";
import { FormError } from "@/components/ui/form-error";
import { useCommand } from "@/components/ui/use-command";
import type { KeyView } from "@/lib/features/keys/views";

/** Asks before a key is taken from its owner. */
export function RemoveKey({ shown, path, onClose }: { shown: KeyView; path: string; onClose: () => void }) {
  const remove = useCommand(path, { method: "DELETE", onDone: onClose });
  return (
    <DangerDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Remove ${shown.name}?`}
      consequence={
        <>
          <p>
            Gatehouse forgets whose key this is. Hosts are not touched: where the key stands in an
            authorized_keys file it goes on opening that account until it is removed there.
          </p>
          {shown.signsIn && <p>The passkey of the same security key goes on signing in here.</p>}
        </>
      }
      confirmLabel="Remove this key"
      pending={remove.pending}
      onConfirm={() => void remove.send()}
    >
      <FormError error={remove.error} />
    </DangerDialog>
  );
}
