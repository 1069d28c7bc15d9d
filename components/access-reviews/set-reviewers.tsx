"use client";

import { UserCog } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Select } from "@/components/ui/select";
import { useCommand } from "@/components/ui/use-command";
import type { ReviewChoices, ReviewHostView } from "@/lib/features/access-reviews/views";
import { PeopleChoice } from "./people-choice";

interface Props {
  reviewId: string;
  hosts: readonly ReviewHostView[];
  people: ReviewChoices["people"];
}

/** Names others as reviewers, of all hosts or of one. */
export function SetReviewers({ reviewId, hosts, people }: Props) {
  const [open, setOpen] = useState(false);
  const [host, setHost] = useState("");
  const [reviewerIds, setReviewerIds] = useState<string[]>([]);
  const set = useCommand(`/api/v1/access/reviews/${reviewId}/reviewers`, {
    method: "PUT",
    onDone: () => setOpen(false),
  });
  const now = hosts.find(({ hostId }) => hostId === host)?.reviewers;
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <UserCog aria-hidden /> Reviewers
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Who decides?"
        description="They take the place of those who decide now. What was decided stays."
        className="max-w-md"
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Button
              variant="primary"
              pending={set.pending}
              disabled={reviewerIds.length === 0}
              onClick={() => void set.send({ reviewerIds, hostIds: host === "" ? [] : [host] })}
            >
              Set the reviewers
            </Button>
          </>
        }
      >
        <div className="grid gap-4">
          <Field label="Of" hint={now && `Now: ${now.join(", ") || "nobody"}.`}>
            {(control) => (
              <Select {...control} value={host} onChange={(event) => setHost(event.target.value)}>
                <option value="">all hosts of this review</option>
                {hosts.map(({ hostId, hostName }) => (
                  <option key={hostId} value={hostId}>
                    {hostName}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <PeopleChoice label="Reviewers" people={people} value={reviewerIds} onChange={setReviewerIds} />
          <FormError error={set.error} />
        </div>
      </Dialog>
    </>
  );
}
