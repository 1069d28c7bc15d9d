"use client";

import { useId } from "react";
import { Checkbox } from "@/components/ui/checkbox";
import type { CommandError } from "@/components/ui/send-command";

interface Props {
  error: CommandError | undefined;
  value: boolean;
  onChange: (value: boolean) => void;
}

/** Offered when it was refused because of a state file of another making. */
export function ReplaceFile({ error, value, onChange }: Props) {
  const id = useId();
  if (!value && error?.code !== "conflict") return null;
  return (
    <div className="flex items-start gap-2">
      <Checkbox
        id={id}
        className="mt-0.5"
        checked={value}
        onChange={(event) => onChange(event.target.checked)}
      />
      <label htmlFor={id} className="text-sm">
        Replace a state file that was not made here. Its codes stop working.
      </label>
    </div>
  );
}
