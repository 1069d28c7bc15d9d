"use client";

import { Plus, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/select";
import type { ReviewChoices } from "@/lib/features/access-reviews/views";

/** Who decides about one host. */
export interface HostReviewers {
  hostId: string;
  reviewerIds: string[];
}

interface Props {
  hosts: ReviewChoices["hosts"];
  people: ReviewChoices["people"];
  value: readonly HostReviewers[];
  onChange: (value: HostReviewers[]) => void;
}

/** Hosts about which somebody else decides than about the others. */
export function OwnReviewers({ hosts, people, value, onChange }: Props) {
  const taken = new Set(value.map(({ hostId }) => hostId));
  const free = hosts.find(({ id }) => !taken.has(id));
  const replace = (index: number, change: Partial<HostReviewers>) =>
    onChange(value.map((one, i) => (i === index ? { ...one, ...change } : one)));
  return (
    <fieldset className="grid justify-items-start gap-2">
      <legend className="pb-1.5 text-sm font-medium">
        Other reviewers for single hosts <span className="font-normal text-xs text-ink-faint">optional</span>
      </legend>
      {value.map(({ hostId, reviewerIds }, index) => (
        <div key={hostId} className="flex w-full flex-wrap items-center gap-2 text-sm">
          <Select
            aria-label={`Host ${index + 1}`}
            className="min-w-36 flex-1"
            value={hostId}
            onChange={(event) => replace(index, { hostId: event.target.value })}
          >
            {hosts
              .filter(({ id }) => id === hostId || !taken.has(id))
              .map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
          </Select>
          <span className="text-ink-soft">by</span>
          <Select
            aria-label={`Reviewer of host ${index + 1}`}
            className="min-w-36 flex-1"
            value={reviewerIds[0] ?? ""}
            onChange={(event) => replace(index, { reviewerIds: [event.target.value] })}
          >
            {people.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
          <Button
            size="icon-sm"
            variant="ghost"
            aria-label={`Remove row ${index + 1}`}
            onClick={() => onChange(value.filter((_, i) => i !== index))}
          >
            <X aria-hidden />
          </Button>
        </div>
      ))}
      {free && people[0] && (
        <Button
          size="sm"
          onClick={() =>
            onChange([...value, { hostId: free.id, reviewerIds: people[0] ? [people[0].id] : [] }])
          }
        >
          <Plus aria-hidden /> Add a host
        </Button>
      )}
    </fieldset>
  );
}
