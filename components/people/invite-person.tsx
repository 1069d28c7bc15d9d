"use client";

import { UserPlus } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { useCommand } from "@/components/ui/use-command";
import type { InvitationView } from "@/lib/features/people/views";
import type { Role } from "@/lib/policy/permissions";
import { InvitationLink } from "./invitation-link";
import { RoleSelect } from "./role-select";

/** Invites a person: a one-time link by which he sets up his own way in. */
export function InvitePerson({ mayMakeOwners }: { mayMakeOwners: boolean }) {
  const [open, setOpen] = useState(false);
  const [invited, setInvited] = useState<{ name: string; invitation: InvitationView }>();
  return (
    <>
      <Button variant="primary" onClick={() => setOpen(true)}>
        <UserPlus aria-hidden /> Invite
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Invite a person"
        description="Makes a one-time link, by which the person sets up a passkey or a password and a code."
        className="max-w-md"
      >
        <InviteForm
          mayMakeOwners={mayMakeOwners}
          onCancel={() => setOpen(false)}
          onInvited={(name, invitation) => {
            setOpen(false);
            setInvited({ name, invitation });
          }}
        />
      </Dialog>
      {invited && <InvitationLink {...invited} onClose={() => setInvited(undefined)} />}
    </>
  );
}

interface FormProps {
  mayMakeOwners: boolean;
  onCancel: () => void;
  onInvited: (name: string, invitation: InvitationView) => void;
}

function InviteForm({ mayMakeOwners, onCancel, onInvited }: FormProps) {
  const [name, setName] = useState("");
  const [login, setLogin] = useState("");
  const [role, setRole] = useState<Role>("member");
  const { send, pending, error, fieldError } = useCommand<InvitationView>("/api/v1/people", {
    onDone: (invitation) => onInvited(name, invitation),
  });
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void send({ name, login, role });
      }}
    >
      <Field label="Name" error={fieldError("name")}>
        {(control) => (
          <Input
            {...control}
            autoFocus
            required
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Field label="Login" hint="Lower-case letters, digits and . _ @ + -" error={fieldError("login")}>
        {(control) => (
          <Input
            {...control}
            required
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={login}
            onChange={(event) => setLogin(event.target.value)}
          />
        )}
      </Field>
      <Field label="Role" error={fieldError("role")}>
        {(control) => (
          <RoleSelect control={control} value={role} mayMakeOwners={mayMakeOwners} onChange={setRole} />
        )}
      </Field>
      <FormError error={error} shownFields={["name", "login", "role"]} />
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" pending={pending}>
          Make the link
        </Button>
      </div>
    </form>
  );
}
