"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { sayDone } from "@/components/ui/toaster";
import { useCommand } from "@/components/ui/use-command";
import type { FoundKeyRow } from "@/lib/features/key-fleet/views";

interface Props {
  shown: FoundKeyRow;
  people: readonly { id: string; name: string }[];
  onClose: () => void;
}

/** Says whose a found key is. The person is asked to prove it on their own page. */
export function AdoptKey({ shown, people, onClose }: Props) {
  const [personId, setPersonId] = useState("");
  const [name, setName] = useState(shown.comment.replace(/[^\x20-\x7e]/g, "").slice(0, 100));
  const person = people.find(({ id }) => id === personId);
  const adopt = useCommand("/api/v1/found-keys/adopt", {
    onDone: () => {
      sayDone(`The key waits on ${person?.name ?? "the person"}'s page to be proved.`);
      onClose();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Say whose key it is"
      description="It counts as theirs when they have signed with it: their own page asks them to. Nothing on a host is touched."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            pending={adopt.pending}
            disabled={personId === "" || name.trim() === ""}
            onClick={() => void adopt.send({ fingerprint: shown.fingerprint, personId, name })}
          >
            It is theirs
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <Field label="Person" error={adopt.fieldError("personId")}>
          {(control) => (
            <Select {...control} value={personId} onChange={(event) => setPersonId(event.target.value)}>
              <option value="">Choose somebody</option>
              {people.map(({ id, name: personName }) => (
                <option key={id} value={id}>
                  {personName}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Name of the key" error={adopt.fieldError("name")}>
          {(control) => <Input {...control} value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <FormError error={adopt.error} />
      </div>
    </Dialog>
  );
}
