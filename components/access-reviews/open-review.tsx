"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button, ButtonLink } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { RadioCards } from "@/components/ui/radio-cards";
import { Select } from "@/components/ui/select";
import { useCommand } from "@/components/ui/use-command";
import type { ReviewScope } from "@/lib/features/access-reviews/schema";
import type { ReviewChoices } from "@/lib/features/access-reviews/views";
import { HostChoice } from "./host-choice";
import { type HostReviewers, OwnReviewers } from "./own-reviewers";
import { PeopleChoice } from "./people-choice";
import { PreviewNotice } from "./preview-notice";
import { usePreview } from "./use-preview";

interface Props {
  choices: ReviewChoices;
  /** "2026-12-07": when it is due, unless somebody says otherwise. */
  dueDay: string;
  viewerId: string;
}

const kinds = [
  { value: "all", title: "All hosts", text: "Every host that is not archived." },
  { value: "tag", title: "Hosts with a tag", text: "Such as prod." },
  { value: "hosts", title: "Chosen hosts", text: "One by one." },
] as const;

/** Opens a campaign: what it is about, who decides, until when. */
export function OpenReview({ choices, dueDay, viewerId }: Props) {
  const router = useRouter();
  const { people, hosts, tags } = choices;
  const [name, setName] = useState("");
  const [kind, setKind] = useState<ReviewScope["kind"]>("all");
  const [tag, setTag] = useState(tags[0] ?? "");
  const [hostIds, setHostIds] = useState<string[]>([]);
  const [accounts, setAccounts] = useState("");
  const [reviewerIds, setReviewerIds] = useState<string[]>(
    people.some(({ id }) => id === viewerId) ? [viewerId] : [],
  );
  const [own, setOwn] = useState<HostReviewers[]>([]);
  const [due, setDue] = useState(dueDay);
  const scope = scopeOf(kind, tag, hostIds);
  const preview = usePreview(scope, accounts);
  const inScope = hosts.filter(
    (host) => kind === "all" || (kind === "tag" ? host.tags.includes(tag) : hostIds.includes(host.id)),
  );
  const { send, pending, error, fieldError } = useCommand<{ reviewId: string }>("/api/v1/access/reviews", {
    refresh: false,
    onDone: ({ reviewId }) => router.push(`/access/reviews/${reviewId}`),
  });
  function open() {
    if (!scope) return;
    const ids = new Set(inScope.map(({ id }) => id));
    void send({
      name,
      scope,
      accounts: accounts.split(/[\s,]+/).filter((one) => one !== ""),
      reviewerIds,
      hostReviewers: own.filter((one) => ids.has(one.hostId) && one.reviewerIds.length > 0),
      // The end of that day, where the person is.
      dueAt: new Date(`${due}T23:59:59`).toISOString(),
    });
  }
  return (
    <form
      className="grid gap-6"
      onSubmit={(event) => {
        event.preventDefault();
        open();
      }}
    >
      <Field label="Name" error={fieldError("name")}>
        {(control) => (
          <Input
            {...control}
            required
            maxLength={120}
            placeholder="Production, autumn"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <div className="grid gap-3">
        <RadioCards
          legend="Which hosts"
          name="scope"
          className="sm:grid-cols-3"
          cards={kinds.filter(({ value }) => value !== "tag" || tags.length > 0)}
          value={kind}
          onChange={setKind}
        />
        {kind === "tag" && (
          <Field label="Tag">
            {(control) => (
              <Select {...control} value={tag} onChange={(event) => setTag(event.target.value)}>
                {tags.map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </Select>
            )}
          </Field>
        )}
        {kind === "hosts" && <HostChoice hosts={hosts} value={hostIds} onChange={setHostIds} />}
        <Field
          label="Only these accounts"
          optional
          hint="Names with spaces between; * stands for any characters: root deploy* ci-*"
          error={fieldError("accounts")}
        >
          {(control) => (
            <Input
              {...control}
              autoCapitalize="none"
              autoComplete="off"
              spellCheck={false}
              value={accounts}
              onChange={(event) => setAccounts(event.target.value)}
            />
          )}
        </Field>
      </div>
      <PreviewNotice preview={preview} />
      <PeopleChoice label="Who decides" people={people} value={reviewerIds} onChange={setReviewerIds} />
      <OwnReviewers hosts={inScope} people={people} value={own} onChange={setOwn} />
      <Field
        label="Due"
        hint="Gatehouse sends no mail: reviewers see what waits for them on their overview and their own page, and in the navigation."
        error={fieldError("dueAt")}
        className="max-w-sm"
      >
        {(control) => (
          <Input
            {...control}
            type="date"
            required
            className="w-44"
            value={due}
            onChange={(event) => setDue(event.target.value)}
          />
        )}
      </Field>
      <FormError error={error} shownFields={["name", "accounts", "dueAt"]} />
      <div className="flex justify-end gap-2">
        <ButtonLink href="/access/reviews">Cancel</ButtonLink>
        <Button
          type="submit"
          variant="primary"
          pending={pending}
          disabled={!scope || reviewerIds.length === 0 || due === ""}
        >
          Open the review
        </Button>
      </div>
    </form>
  );
}

function scopeOf(kind: ReviewScope["kind"], tag: string, hostIds: string[]): ReviewScope | undefined {
  if (kind === "all") return { kind };
  if (kind === "tag") return tag === "" ? undefined : { kind, tag };
  return hostIds.length === 0 ? undefined : { kind, hostIds };
}
