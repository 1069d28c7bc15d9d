"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { FormError } from "@/components/ui/form-error";
import { useCommand } from "@/components/ui/use-command";
import type { KeyView } from "@/lib/features/keys/views";
import { KeyName } from "./key-name";

/** Gives a key a name by which its owner knows it again. */
export function RenameKey({ shown, path, onClose }: { shown: KeyView; path: string; onClose: () => void }) {
  const [name, setName] = useState(shown.name);
  const { send, pending, error, fieldError } = useCommand(path, { method: "PUT", onDone: onClose });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Rename ${shown.name}`}
      className="max-w-sm"
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void send({ name });
        }}
      >
        <KeyName value={name} onChange={setName} error={fieldError("name")} />
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
