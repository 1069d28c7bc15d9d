"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input, Textarea } from "@/components/ui/input";
import { useCommand } from "@/components/ui/use-command";
import type { HostView } from "@/lib/features/hosts/views";
import { tagsOf } from "./tags";

interface Props {
  open: boolean;
  onClose: () => void;
  host: HostView;
}

/** Name, address, tags and note of a host. */
export function EditHost({ open, onClose, host }: Props) {
  return (
    <Dialog open={open} onOpenChange={(next) => !next && onClose()} title={`Edit ${host.name}`}>
      {/* Mounted anew each time it opens, so that it begins with what is true then. */}
      <EditForm host={host} onClose={onClose} />
    </Dialog>
  );
}

function EditForm({ host, onClose }: Omit<Props, "open">) {
  const [form, setForm] = useState({
    name: host.name,
    address: host.address,
    port: String(host.port),
    tags: host.tags.join(" "),
    note: host.note,
  });
  const { send, pending, error, fieldError } = useCommand(`/api/v1/hosts/${host.id}`, {
    method: "PUT",
    onDone: onClose,
  });
  const bind = (name: keyof typeof form) => ({
    value: form[name],
    onChange: (event: { target: { value: string } }) => setForm({ ...form, [name]: event.target.value }),
  });
  const tagError = Object.entries(error?.fields ?? {}).find(([field]) => field.startsWith("tags"))?.[1];
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void send({ ...form, port: Number(form.port), tags: tagsOf(form.tags) });
      }}
    >
      <Field label="Name" error={fieldError("name")}>
        {(control) => <Input {...control} required {...bind("name")} />}
      </Field>
      <div className="grid gap-4 sm:grid-cols-[1fr_7rem]">
        <Field label="Address" error={fieldError("address")}>
          {(control) => <Input {...control} required className="font-mono" {...bind("address")} />}
        </Field>
        <Field label="Port" error={fieldError("port")}>
          {(control) => (
            <Input {...control} required inputMode="numeric" className="font-mono" {...bind("port")} />
          )}
        </Field>
      </div>
      <Field label="Tags" optional hint="Apart by blanks: prod eu-west web" error={tagError}>
        {(control) => <Input {...control} {...bind("tags")} />}
      </Field>
      <Field label="Note" optional hint="For the next person." error={fieldError("note")}>
        {(control) => <Textarea {...control} rows={3} {...bind("note")} />}
      </Field>
      <FormError error={error} shownFields={["name", "address", "port", "note"]} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" pending={pending}>
          Save
        </Button>
      </div>
    </form>
  );
}
