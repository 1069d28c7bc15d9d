"use client";

import { Pencil, Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { useCommand } from "@/components/ui/use-command";
import type { KeyDemand } from "@/lib/access/key-policy";
import type { KeyPolicyListView, KeyPolicyView } from "@/lib/features/key-policies/views";

const choices: readonly { demand: KeyDemand; title: string; text: string }[] = [
  {
    demand: "security-keys-only",
    title: "Security keys only",
    text: "No other key is accepted. Passwords and other methods are not touched by this.",
  },
  { demand: "touch", title: "A touch", text: "Also where a line says no-touch-required." },
  {
    demand: "verify",
    title: "PIN or fingerprint",
    text: "Binds security keys alone: to keep other keys out, demand security keys only as well.",
  },
];

type Target = Pick<KeyPolicyListView, "tags" | "hosts">;

/** A button that opens the form: for a new policy, or for one that is there. */
export function PolicyForm({ tags, hosts, policy }: Partial<Target> & { policy?: KeyPolicyView }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant={policy ? "secondary" : "primary"} onClick={() => setOpen(true)}>
        {policy ? <Pencil aria-hidden /> : <Plus aria-hidden />} {policy ? "Change" : "New policy"}
      </Button>
      {open && (
        <FormDialog
          tags={tags ?? []}
          hosts={hosts ?? []}
          onClose={() => setOpen(false)}
          {...(policy && { policy })}
        />
      )}
    </>
  );
}

function FormDialog({
  tags,
  hosts,
  policy,
  onClose,
}: Target & { policy?: KeyPolicyView; onClose: () => void }) {
  const router = useRouter();
  const [target, setTarget] = useState("");
  const [demands, setDemands] = useState<readonly KeyDemand[]>(
    policy?.demands ?? ["security-keys-only", "touch"],
  );
  const [exceptions, setExceptions] = useState(policy?.exceptAccounts.join(" ") ?? "");
  const [note, setNote] = useState(policy?.note ?? "");
  const save = useCommand<{ policyId: string }>(
    policy ? `/api/v1/key-policies/${policy.id}` : "/api/v1/key-policies",
    {
      method: policy ? "PUT" : "POST",
      onDone: ({ policyId }) => {
        onClose();
        if (!policy) router.push(`/access/policies/${policyId}`);
      },
    },
  );
  const demanded = {
    demands,
    exceptAccounts: exceptions.split(/[\s,]+/).filter((name) => name !== ""),
    note,
  };
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={policy ? "Change the policy" : "New policy of keys"}
      description="Nothing on a host is touched: it becomes wanted there, and a change brings each host to it."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            pending={save.pending}
            disabled={demands.length === 0 || (!policy && target === "")}
            onClick={() =>
              void save.send(
                policy ? { version: policy.version, ...demanded } : { ...targetInput(target), ...demanded },
              )
            }
          >
            {policy ? "Save the policy" : "Make the policy"}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        {!policy && (
          <Field label="Where">
            {(control) => (
              <Select {...control} value={target} onChange={(event) => setTarget(event.target.value)}>
                <option value="">Choose a tag or a host</option>
                {tags.map((tag) => (
                  <option key={`tag ${tag}`} value={`tag:${tag}`}>
                    All hosts with the tag {tag}
                  </option>
                ))}
                {hosts.map(({ id, name }) => (
                  <option key={id} value={`host:${id}`}>
                    {name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        )}
        <fieldset className="grid gap-3 rounded-lg border border-line p-3">
          <legend className="px-1 text-xs text-ink-soft">Demanded of every key</legend>
          {choices.map(({ demand, title, text }) => (
            <Choice
              key={demand}
              title={title}
              text={text}
              checked={demands.includes(demand)}
              onChange={(isChosen) =>
                setDemands((before) =>
                  isChosen ? [...before, demand] : before.filter((one) => one !== demand),
                )
              }
            />
          ))}
        </fieldset>
        <Field
          label="Not of these accounts"
          hint="Robots cannot touch. Names of accounts, with blanks between. Gatehouse's own is never meant."
          error={
            save.error?.fields &&
            Object.entries(save.error.fields).find(([path]) => path.startsWith("exceptAccounts"))?.[1]
          }
          optional
        >
          {(control) => (
            <Input
              {...control}
              className="font-mono"
              autoComplete="off"
              spellCheck={false}
              placeholder="ci-deploy backup"
              value={exceptions}
              onChange={(event) => setExceptions(event.target.value)}
            />
          )}
        </Field>
        <Field label="Note" optional>
          {(control) => <Input {...control} value={note} onChange={(event) => setNote(event.target.value)} />}
        </Field>
        <FormError error={save.error} />
      </div>
    </Dialog>
  );
}

function targetInput(target: string) {
  const value = target.slice(target.indexOf(":") + 1);
  return target.startsWith("tag:") ? { tag: value } : { hostId: value };
}

interface ChoiceProps {
  title: string;
  text: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

function Choice({ title, text, checked, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <div className="flex gap-2.5">
      <Checkbox
        id={id}
        className="mt-0.5"
        checked={checked}
        aria-describedby={`${id}-text`}
        onChange={(event) => onChange(event.target.checked)}
      />
      <div className="grid gap-0.5">
        <label htmlFor={id} className="text-sm font-medium">
          {title}
        </label>
        <p id={`${id}-text`} className="text-xs text-ink-soft">
          {text}
        </p>
      </div>
    </div>
  );
}
