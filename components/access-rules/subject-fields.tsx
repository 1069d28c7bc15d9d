"use client";

import { Plus, X } from "lucide-react";
import type { RuleFormView } from "@/lib/features/access-rules/views";
import { Button } from "../ui/button";
import { classNames } from "../ui/class-names";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { Select } from "../ui/select";
import type { SubjectDraft } from "./rule-draft";

interface Props {
  subjects: readonly SubjectDraft[];
  onChange: (subjects: SubjectDraft[]) => void;
  people: RuleFormView["people"];
  /** One, or any number. */
  isSingle: boolean;
  error?: string | undefined;
}

const kinds: Record<SubjectDraft["kind"], string> = { person: "Person", key: "Key", account: "Account" };

/** Whom a rule names: people, keys or accounts. */
export function SubjectFields({ subjects, onChange, people, isSingle, error }: Props) {
  const shown = isSingle ? subjects.slice(0, 1) : subjects;
  const set = (index: number, subject: SubjectDraft) =>
    onChange(subjects.map((one, i) => (i === index ? subject : one)));
  const nextId = Math.max(-1, ...subjects.map(({ id }) => id)) + 1;
  return (
    <div className="grid grid-cols-1 gap-3">
      {shown.map((subject, index) => (
        <SubjectRow
          key={subject.id}
          subject={subject}
          number={shown.length > 1 ? index + 1 : undefined}
          people={people}
          error={index === 0 ? error : undefined}
          onChange={(next) => set(index, next)}
          onRemove={shown.length > 1 ? () => onChange(subjects.filter((_, i) => i !== index)) : undefined}
        />
      ))}
      {!isSingle && (
        <Button
          size="sm"
          className="w-fit"
          onClick={() => onChange([...subjects, { id: nextId, kind: "person", value: "" }])}
        >
          <Plus aria-hidden /> Add another
        </Button>
      )}
    </div>
  );
}

interface RowProps {
  subject: SubjectDraft;
  number: number | undefined;
  people: RuleFormView["people"];
  error: string | undefined;
  onChange: (subject: SubjectDraft) => void;
  onRemove: (() => void) | undefined;
}

function SubjectRow({ subject, number, people, error, onChange, onRemove }: RowProps) {
  const suffix = number === undefined ? "" : ` ${number}`;
  return (
    <div
      className={classNames(
        "grid items-start gap-2",
        onRemove ? "grid-cols-[7rem_minmax(0,1fr)_auto]" : "grid-cols-[7rem_minmax(0,1fr)]",
      )}
    >
      <Field label={`Who${suffix}`}>
        {(control) => (
          <Select
            {...control}
            value={subject.kind}
            onChange={(event) => {
              const kind = event.target.value;
              if (kind === "person" || kind === "key" || kind === "account")
                onChange({ ...subject, kind, value: "" });
            }}
          >
            {Object.entries(kinds).map(([kind, label]) => (
              <option key={kind} value={kind}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <SubjectValue subject={subject} suffix={suffix} people={people} error={error} onChange={onChange} />
      {onRemove && (
        <Button
          variant="ghost"
          size="icon"
          aria-label={`Take ${kinds[subject.kind].toLowerCase()}${suffix} away`}
          className="mt-[1.625rem]"
          onClick={onRemove}
        >
          <X aria-hidden />
        </Button>
      )}
    </div>
  );
}

type ValueProps = Pick<RowProps, "subject" | "people" | "error" | "onChange"> & { suffix: string };

function SubjectValue({ subject, suffix, people, error, onChange }: ValueProps) {
  const { kind, value } = subject;
  if (kind === "person") {
    const chosen = people.find(({ id }) => id === value);
    const hint = chosen?.hasLeft
      ? "Has left: no way of theirs counts as allowed."
      : chosen && !chosen.hasKey
        ? "No proved key of theirs is known yet: the rule cannot hold."
        : undefined;
    return (
      <Field label={`Person${suffix}`} error={error} hint={hint}>
        {(control) => (
          <Select
            {...control}
            value={value}
            onChange={(event) => onChange({ ...subject, value: event.target.value })}
          >
            <option value="">Choose…</option>
            {people.map(({ id, name, login }) => (
              <option key={id} value={id}>
                {name} ({login})
              </option>
            ))}
          </Select>
        )}
      </Field>
    );
  }
  return (
    <Field
      label={`${kind === "key" ? "Fingerprint" : "Account"}${suffix}`}
      error={error}
      hint={kind === "key" ? "Of a key, or of the authority that certifies keys: SHA256:…" : undefined}
    >
      {(control) => (
        <Input
          {...control}
          value={value}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          className="font-mono"
          onChange={(event) => onChange({ ...subject, value: event.target.value })}
        />
      )}
    </Field>
  );
}
