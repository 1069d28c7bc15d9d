"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { useCommand } from "@/components/ui/use-command";
import type { PasskeyView } from "@/lib/features/people/views";

/** Gives a passkey a name by which its owner knows it again. */
export function RenamePasskey({ passkey, onClose }: { passkey: PasskeyView; onClose: () => void }) {
  const [name, setName] = useState(passkey.name);
  const { send, pending, error, fieldError } = useCommand(`/api/v1/me/passkeys/${passkey.id}`, {
    method: "PUT",
    onDone: onClose,
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Rename ${passkey.name}`}
      className="max-w-sm"
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void send({ name });
        }}
      >
        <Field label="Name" error={fieldError("name")}>
          {(control) => (
            <Input
              {...control}
              autoFocus
              required
              maxLength={60}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <FormError error={error} shownFields={["name"]} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" pending={pending}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
