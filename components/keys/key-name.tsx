"use client";

import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";

interface Props {
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
  placeholder?: string;
}

/** The name of a key. */
export function KeyName({ value, onChange, error, placeholder = "Laptop at work" }: Props) {
  return (
    <Field label="Name" hint="By which you will know it again." error={error}>
      {(control) => (
        <Input
          {...control}
          required
          maxLength={60}
          placeholder={placeholder}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
