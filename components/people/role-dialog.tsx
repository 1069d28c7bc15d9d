"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { useCommand } from "@/components/ui/use-command";
import type { PersonRow } from "@/lib/features/people/views";
import { RoleSelect } from "./role-select";

interface Props {
  person: PersonRow;
  mayMakeOwners: boolean;
  onClose: () => void;
}

/** Gives a person another role. */
export function RoleDialog({ person, mayMakeOwners, onClose }: Props) {
  const [role, setRole] = useState(person.role);
  const { send, pending, error } = useCommand(`/api/v1/people/${person.id}/role`, {
    method: "PUT",
    onDone: onClose,
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Role of ${person.name}`}
      description="It holds from the next request on."
      className="max-w-md"
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void send({ role });
        }}
      >
        <Field label="Role">
          {(control) => (
            <RoleSelect control={control} value={role} mayMakeOwners={mayMakeOwners} onChange={setRole} />
          )}
        </Field>
        <FormError error={error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" pending={pending} disabled={role === person.role}>
            Give this role
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
