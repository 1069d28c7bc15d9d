"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import type { HostRow } from "@/lib/features/hosts/views";
import { tagsOf } from "./tags";

interface Props {
  title: string;
  hosts: readonly HostRow[];
  pending: boolean;
  onCancel: () => void;
  /** Given a function from host to the tags that it shall have. */
  onTags: (tagsOf: (host: HostRow) => string[]) => void;
}

/** Adds and takes away tags on several hosts; their other tags stay. */
export function BulkTagDialog({ title, hosts, pending, onCancel, onTags }: Props) {
  const [add, setAdd] = useState("");
  const [takeAway, setTakeAway] = useState<ReadonlySet<string>>(new Set());
  const present = [...new Set(hosts.flatMap((host) => host.tags))].sort();
  const nothing = tagsOf(add).length === 0 && takeAway.size === 0;

  function toggle(tag: string) {
    const next = new Set(takeAway);
    if (!next.delete(tag)) next.add(tag);
    setTakeAway(next);
  }
  return (
    <Dialog open onOpenChange={(open) => !open && onCancel()} title={title} className="max-w-md">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          onTags((host) => [...new Set([...host.tags.filter((tag) => !takeAway.has(tag)), ...tagsOf(add)])]);
        }}
      >
        <Field label="Add tags" hint="Apart by blanks: prod eu-west web">
          {(control) => (
            <Input {...control} autoFocus value={add} onChange={(event) => setAdd(event.target.value)} />
          )}
        </Field>
        {present.length > 0 && (
          <fieldset className="grid gap-1.5">
            <legend className="pb-1.5 text-sm font-medium">Take tags away</legend>
            <div className="flex flex-wrap gap-1.5">
              {present.map((tag) => (
                <Button
                  key={tag}
                  size="sm"
                  aria-pressed={takeAway.has(tag)}
                  onClick={() => toggle(tag)}
                  className="aria-pressed:border-danger-line aria-pressed:bg-danger-soft aria-pressed:text-danger aria-pressed:line-through"
                >
                  {tag}
                </Button>
              ))}
            </div>
          </fieldset>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onCancel}>Cancel</Button>
          <Button type="submit" variant="primary" pending={pending} disabled={nothing}>
            Save tags
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
