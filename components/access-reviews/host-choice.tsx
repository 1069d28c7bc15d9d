"use client";

import { useId, useState } from "react";
import { Checkbox } from "@/components/ui/checkbox";
import { Input } from "@/components/ui/input";
import type { ReviewChoices } from "@/lib/features/access-reviews/views";

interface Props {
  hosts: ReviewChoices["hosts"];
  value: readonly string[];
  onChange: (ids: string[]) => void;
}

/** Hosts drawn at once; the rest is found by name. */
const mostDrawn = 100;

/** Some hosts, found by name or tag. */
export function HostChoice({ hosts, value, onChange }: Props) {
  const prefix = useId();
  const [q, setQ] = useState("");
  const wanted = q.trim().toLowerCase();
  const fitting = hosts.filter(
    ({ name, tags }) => name.toLowerCase().includes(wanted) || tags.some((tag) => tag === wanted),
  );
  const chosen = new Set(value);
  return (
    <fieldset className="grid gap-1.5">
      <legend className="pb-1.5 text-sm font-medium">Hosts</legend>
      <Input
        type="search"
        aria-label="Find a host"
        placeholder="Find a host by name or tag"
        value={q}
        onChange={(event) => setQ(event.target.value)}
      />
      <div className="grid max-h-64 gap-px overflow-y-auto rounded-md border border-line-control bg-surface p-1">
        {fitting.slice(0, mostDrawn).map(({ id, name, tags }) => (
          <label
            key={id}
            htmlFor={`${prefix}-${id}`}
            className="flex min-h-8 cursor-pointer items-center gap-2.5 rounded-sm px-2 text-sm hover:bg-hover"
          >
            <Checkbox
              id={`${prefix}-${id}`}
              checked={chosen.has(id)}
              onChange={(event) =>
                onChange(event.target.checked ? [...value, id] : value.filter((known) => known !== id))
              }
            />
            <span className="min-w-0 flex-1 truncate">{name}</span>
            <span className="truncate text-xs text-ink-faint">{tags.join(", ")}</span>
          </label>
        ))}
        {fitting.length === 0 && <p className="px-2 py-1.5 text-sm text-ink-soft">No host of this name.</p>}
        {fitting.length > mostDrawn && (
          <p className="px-2 py-1.5 text-xs text-ink-faint">
            and {fitting.length - mostDrawn} more: narrow them down
          </p>
        )}
      </div>
      <p className="text-xs text-ink-faint" role="status">
        {value.length} chosen
      </p>
    </fieldset>
  );
}
