"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Select } from "@/components/ui/select";
import type { CommandError } from "@/components/ui/send-command";
import { visibleText } from "@/components/ui/visible-text";
import type { KeyAccountView, KeyHolderView } from "@/lib/features/placements/views";
import { KeyOptionsForm, keyOptionsInput, noKeyOptions } from "./key-options-form";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  people: readonly KeyHolderView[];
  account: KeyAccountView;
  path: string;
  pending: boolean;
  error: CommandError | undefined;
  onAdd: (keyId: string, options: ReturnType<typeof keyOptionsInput>) => void;
}

/** Chooses a proved key of a person and what it may do. It leads to a plan; nothing on the host is touched before. */
export function AddKey({ open, onOpenChange, people, account, path, pending, error, onAdd }: Props) {
  const holders = people.filter(({ keys }) => keys.length > 0);
  const [chosen, setChosen] = useState("");
  const [options, setOptions] = useState(noKeyOptions);
  const keyId = chosen || (holders[0]?.keys[0]?.id ?? "");
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Add a key to ${visibleText(account.name)}`}
      description={`It becomes the last line of ${path}. Every other line stays as it is.`}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button
            variant="primary"
            pending={pending}
            disabled={keyId === ""}
            onClick={() => onAdd(keyId, keyOptionsInput(options))}
          >
            Plan it
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        {holders.length === 0 ? (
          <p className="text-sm text-ink-soft">
            Nobody has a key yet that was shown to be theirs. A person brings keys on their own page and
            proves them there; only then they can be placed.
          </p>
        ) : (
          <>
            <Field label="Key">
              {(control) => (
                <Select {...control} value={keyId} onChange={(event) => setChosen(event.target.value)}>
                  {holders.map((person) => (
                    <optgroup key={person.id} label={person.name}>
                      {person.keys.map((key) => (
                        <option key={key.id} value={key.id}>
                          {key.name} ({key.type})
                        </option>
                      ))}
                    </optgroup>
                  ))}
                </Select>
              )}
            </Field>
            <KeyOptionsForm options={options} onChange={setOptions} />
          </>
        )}
        <FormError error={error} />
      </div>
    </Dialog>
  );
}
