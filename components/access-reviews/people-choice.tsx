"use client";

import { useId } from "react";
import { Checkbox } from "@/components/ui/checkbox";

interface Props {
  /** What they are chosen for: "Reviewers of all hosts". */
  label: string;
  people: readonly { id: string; name: string; role: string }[];
  value: readonly string[];
  onChange: (ids: string[]) => void;
}

/** Some of the people who may decide. */
export function PeopleChoice({ label, people, value, onChange }: Props) {
  const prefix = useId();
  return (
    <fieldset className="grid gap-1.5">
      <legend className="pb-1.5 text-sm font-medium">{label}</legend>
      <div className="grid max-h-48 gap-px overflow-y-auto rounded-md border border-line-control bg-surface p-1">
        {people.map(({ id, name, role }) => (
          <label
            key={id}
            htmlFor={`${prefix}-${id}`}
            className="flex min-h-8 cursor-pointer items-center gap-2.5 rounded-sm px-2 text-sm hover:bg-hover"
          >
            <Checkbox
              id={`${prefix}-${id}`}
              checked={value.includes(id)}
              onChange={(event) =>
                onChange(event.target.checked ? [...value, id] : value.filter((known) => known !== id))
              }
            />
            <span className="min-w-0 flex-1 truncate">{name}</span>
            <span className="text-xs text-ink-faint">{role}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
