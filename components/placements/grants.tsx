"use client";

import { UserPlus } from "lucide-react";
import { useState } from "react";
import { Tag } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { RelativeTime } from "@/components/ui/relative-time";
import { Select } from "@/components/ui/select";
import { useCommand } from "@/components/ui/use-command";
import { visibleText } from "@/components/ui/visible-text";
import type { GrantView, KeyAccountView, KeyHolderView } from "@/lib/features/placements/views";
import { KeyOptionsForm, keyOptionsInput, noKeyOptions } from "./key-options-form";

interface Props {
  hostId: string;
  tags: readonly string[];
  account: KeyAccountView;
  people: readonly KeyHolderView[];
  mayGrant: boolean;
}

/** Who may use the account: their keys are wanted in it. */
export function Grants({ hostId, tags, account, people, mayGrant }: Props) {
  const [giving, setGiving] = useState(false);
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-center gap-2 text-sm">
        <span className="caption">May use it</span>
        {account.grants.length === 0 && <span className="text-ink-faint">nobody was named</span>}
        {mayGrant && account.exists && (
          <Button
            size="sm"
            variant="ghost"
            aria-label={`Let somebody use it: ${visibleText(account.name)}`}
            onClick={() => setGiving(true)}
          >
            <UserPlus aria-hidden /> Let somebody use it
          </Button>
        )}
      </div>
      {account.grants.length > 0 && (
        <ul className="grid gap-1 text-sm">
          {account.grants.map((grant) => (
            <GrantRow key={grant.id} grant={grant} mayGrant={mayGrant} />
          ))}
        </ul>
      )}
      {giving && (
        <GiveGrant
          hostId={hostId}
          tags={tags}
          account={account}
          people={people}
          onClose={() => setGiving(false)}
        />
      )}
    </div>
  );
}

function GrantRow({ grant, mayGrant }: { grant: GrantView; mayGrant: boolean }) {
  const revoke = useCommand(`/api/v1/grants/${grant.id}/revoke`);
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span>{grant.personName}</span>
      <span className="text-ink-faint">
        {grant.keys === 0 ? "has no proved key yet" : `${grant.keys} ${grant.keys === 1 ? "key" : "keys"}`}
      </span>
      {grant.tag && <Tag>all with the tag {grant.tag}</Tag>}
      {grant.optionsText && <code className="break-all font-mono text-xs">{grant.optionsText}</code>}
      {grant.endsAt && (
        <span className="text-ink-soft">
          until <RelativeTime at={grant.endsAt} />
        </span>
      )}
      {grant.note && <span className="text-ink-soft">{grant.note}</span>}
      {mayGrant && (
        <Button
          size="sm"
          variant="ghost"
          pending={revoke.pending}
          aria-label={`Take back that ${grant.personName} may use ${grant.account}`}
          onClick={() => void revoke.send()}
        >
          Take back
        </Button>
      )}
      <FormError error={revoke.error} />
    </li>
  );
}

interface GiveProps extends Omit<Props, "mayGrant"> {
  onClose: () => void;
}

function GiveGrant({ hostId, tags, account, people, onClose }: GiveProps) {
  const [personId, setPersonId] = useState(people[0]?.id ?? "");
  const [tag, setTag] = useState("");
  const [options, setOptions] = useState(noKeyOptions);
  const [endsOn, setEndsOn] = useState("");
  const [note, setNote] = useState("");
  const give = useCommand("/api/v1/grants", { onDone: onClose });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Let somebody use ${account.name}`}
      description="Their proved keys become wanted in this account. Nothing on the host is touched: a plan shows the difference."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            pending={give.pending}
            disabled={personId === ""}
            onClick={() =>
              void give.send({
                personId,
                ...(tag === "" ? { hostId } : { tag }),
                account: account.name,
                options: keyOptionsInput(options),
                endsAt: endsOn === "" ? null : `${endsOn}T23:59:59Z`,
                note,
              })
            }
          >
            Let them use it
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <Field label="Person" error={give.fieldError("personId")}>
          {(control) => (
            <Select {...control} value={personId} onChange={(event) => setPersonId(event.target.value)}>
              {people.map((person) => (
                <option key={person.id} value={person.id}>
                  {person.name}
                  {person.keys.length === 0 ? " (no proved key yet)" : ""}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {tags.length > 0 && (
          <Field
            label="Where"
            hint="A host that gets the tag later is meant as well."
            error={give.fieldError("tag")}
          >
            {(control) => (
              <Select {...control} value={tag} onChange={(event) => setTag(event.target.value)}>
                <option value="">This host alone</option>
                {tags.map((one) => (
                  <option key={one} value={one}>
                    All hosts with the tag {one}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        )}
        <Field
          label="Until"
          hint="Afterwards the keys are unwanted. To have sshd itself refuse them then, give the line a last day."
          error={give.fieldError("endsAt")}
          optional
        >
          {(control) => (
            <Input
              {...control}
              type="date"
              value={endsOn}
              onChange={(event) => setEndsOn(event.target.value)}
            />
          )}
        </Field>
        <Field label="Note" optional>
          {(control) => <Input {...control} value={note} onChange={(event) => setNote(event.target.value)} />}
        </Field>
        <KeyOptionsForm options={options} onChange={setOptions} />
        <FormError error={give.error} />
      </div>
    </Dialog>
  );
}
