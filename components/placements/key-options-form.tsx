"use client";

import { useId } from "react";
import { Checkbox } from "@/components/ui/checkbox";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";

/** What a key may do where it is placed, as a form holds it. */
export interface KeyOptionsDraft {
  from: string;
  command: string;
  restrict: boolean;
  verifyRequired: boolean;
  /** As a date field holds it; empty: never. */
  expiresOn: string;
}

export const noKeyOptions: KeyOptionsDraft = {
  from: "",
  command: "",
  restrict: false,
  verifyRequired: false,
  expiresOn: "",
};

/** As the API takes them. A day ends when it is over, in UTC. */
export function keyOptionsInput({ expiresOn, ...options }: KeyOptionsDraft) {
  return { ...options, expiresAt: expiresOn === "" ? null : `${expiresOn}T23:59:59Z` };
}

interface Props {
  options: KeyOptionsDraft;
  onChange: (options: KeyOptionsDraft) => void;
}

export function KeyOptionsForm({ options, onChange }: Props) {
  const set = (part: Partial<KeyOptionsDraft>) => onChange({ ...options, ...part });
  return (
    <fieldset className="grid gap-3 rounded-lg border border-line p-3">
      <legend className="px-1 text-xs text-ink-soft">Options of the line</legend>
      <Field label="Only from" hint="Addresses, networks or names, with commas between." optional>
        {(control) => (
          <Input
            {...control}
            className="font-mono"
            value={options.from}
            placeholder="10.0.0.0/8,192.0.2.7"
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => set({ from: event.target.value })}
          />
        )}
      </Field>
      <Field label="Only this command" optional>
        {(control) => (
          <Input
            {...control}
            className="font-mono"
            value={options.command}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => set({ command: event.target.value })}
          />
        )}
      </Field>
      <Field label="Last day" hint="In UTC. sshd itself refuses the key after it." optional>
        {(control) => (
          <Input
            {...control}
            type="date"
            value={options.expiresOn}
            onChange={(event) => set({ expiresOn: event.target.value })}
          />
        )}
      </Field>
      <Tick checked={options.restrict} onChange={(restrict) => set({ restrict })}>
        No terminal, no forwarding (restrict)
      </Tick>
      <Tick checked={options.verifyRequired} onChange={(verifyRequired) => set({ verifyRequired })}>
        Security keys must ask for a PIN or finger (verify-required)
      </Tick>
    </fieldset>
  );
}

interface TickProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: string;
}

function Tick({ checked, onChange, children }: TickProps) {
  const id = useId();
  return (
    <span className="flex items-center gap-2 text-sm">
      <Checkbox id={id} checked={checked} onChange={(event) => onChange(event.target.checked)} />
      <label htmlFor={id}>{children}</label>
    </span>
  );
}
