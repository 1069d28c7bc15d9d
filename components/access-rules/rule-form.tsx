"use client";

import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import { printAssertion } from "@/lib/access/assertions/print-assertion";
import { isAbout } from "@/lib/access/assertions/scope";
import type { RuleFormView, TriedRuleView } from "@/lib/features/access-rules/views";
import { Button, ButtonLink } from "../ui/button";
import { Checkbox } from "../ui/checkbox";
import { Field } from "../ui/field";
import { FormError } from "../ui/form-error";
import { Input, Textarea } from "../ui/input";
import { RadioCards } from "../ui/radio-cards";
import { Section } from "../ui/section";
import { UntrustedText } from "../ui/untrusted-text";
import { useCommand } from "../ui/use-command";
import { assertionOf, type Quantifier, type RuleDraft } from "./rule-draft";
import { hostCount } from "./rule-words";
import { ScopeFields } from "./scope-fields";
import { SubjectFields } from "./subject-fields";
import { TryRule } from "./try-rule";

interface Props {
  form: RuleFormView;
  initial: RuleDraft;
  /** The rule that is edited, and the version that the person has before him; undefined: a new one. */
  edited?: { ruleId: string; version: number };
}

const shownFields = ["name", "reason"];

/** Makes or edits a rule, with its sentence while it is put together, and a trial before it is saved. */
export function RuleForm({ form, initial, edited }: Props) {
  const [draft, setDraft] = useState(initial);
  const [tried, setTried] = useState<{ json: string; view: TriedRuleView }>();
  const router = useRouter();
  const enabledId = useId();
  const change = (part: Partial<RuleDraft>) => setDraft((before) => ({ ...before, ...part }));
  const save = useCommand<{ ruleId: string }>(
    edited ? `/api/v1/access/rules/${edited.ruleId}` : "/api/v1/access/rules",
    {
      method: edited ? "PUT" : "POST",
      onDone: ({ ruleId }) => router.push(`/access/rules/${ruleId}`),
    },
  );
  const assertion = assertionOf(draft);
  const json = JSON.stringify(assertion);
  const trial = useCommand<TriedRuleView>("/api/v1/access/rules/try", {
    refresh: false,
    onDone: (view) => setTried({ json, view }),
  });
  const fields = { ...trial.error?.fields, ...save.error?.fields };
  const errorOf = (part: string) =>
    Object.entries(fields).find(([path]) => path.startsWith(`assertion.${part}`))?.[1];
  const back = edited ? `/access/rules/${edited.ruleId}` : "/access/rules";

  return (
    <form
      className="grid grid-cols-1 gap-6"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const { name, reason, severity, isEnabled } = draft;
        void save.send({
          name,
          reason,
          severity,
          isEnabled,
          assertion,
          ...(edited && { version: edited.version }),
        });
      }}
    >
      <Section title="What must hold" bare>
        <div className="grid grid-cols-1 gap-5 rounded-lg border border-line bg-surface p-4">
          <RadioCards<Quantifier>
            legend="Kind of rule"
            name="quantifier"
            className="md:grid-cols-3"
            value={draft.quantifier}
            onChange={(quantifier) => change({ quantifier })}
            cards={[
              { value: "nobody", title: "Nobody", text: "No such way in may be open." },
              { value: "only", title: "Only …", text: "Such ways in are for these alone." },
              { value: "always", title: "… always", text: "This one must never be shut out." },
            ]}
          />
          {draft.quantifier !== "nobody" && (
            <SubjectFields
              subjects={draft.subjects}
              people={form.people}
              isSingle={draft.quantifier === "always"}
              onChange={(subjects) => change({ subjects })}
              error={errorOf("subject")}
            />
          )}
          <ScopeFields draft={draft} form={form} onChange={change} errorOf={errorOf} />
          <Sentence draft={draft} form={form} />
        </div>
      </Section>
      <Section title="Try it" bare>
        <TryRule
          assertion={assertion}
          command={trial}
          tried={tried?.json === json ? tried.view : undefined}
        />
      </Section>
      <Section title="Name and purpose" bare>
        <div className="grid grid-cols-1 gap-4 rounded-lg border border-line bg-surface p-4">
          <Field label="Name" error={fields.name}>
            {(control) => (
              <Input
                {...control}
                value={draft.name}
                maxLength={80}
                autoComplete="off"
                onChange={(event) => change({ name: event.target.value })}
              />
            )}
          </Field>
          <Field label="Why" hint="For whoever meets this rule later." error={fields.reason}>
            {(control) => (
              <Textarea
                {...control}
                rows={2}
                maxLength={500}
                value={draft.reason}
                onChange={(event) => change({ reason: event.target.value })}
              />
            )}
          </Field>
          <RadioCards<RuleDraft["severity"]>
            legend="When a change would break it"
            name="severity"
            value={draft.severity}
            onChange={(severity) => change({ severity })}
            cards={[
              {
                value: "block",
                title: "Block the change",
                text: "Refused in the plan, and again when it is applied.",
              },
              { value: "warn", title: "Only warn", text: "Said in the plan; whoever applies it decides." },
            ]}
          />
          <div className="flex items-center gap-2 text-sm">
            <Checkbox
              id={enabledId}
              checked={draft.isEnabled}
              onChange={(event) => change({ isEnabled: event.target.checked })}
            />
            <label htmlFor={enabledId}>The rule is in force</label>
          </div>
        </div>
      </Section>
      <FormError error={save.error} shownFields={shownFields} />
      <div className="flex flex-wrap justify-end gap-2">
        <ButtonLink href={back}>Cancel</ButtonLink>
        <Button type="submit" variant="primary" pending={save.pending}>
          {edited ? "Save the rule" : "Make the rule"}
        </Button>
      </div>
    </form>
  );
}

/** The rule as a sentence, and how many hosts it is about. */
function Sentence({ draft, form }: { draft: RuleDraft; form: RuleFormView }) {
  const nameOf = (id: string) => (id === "…" ? id : form.people.find((person) => person.id === id)?.name);
  const sentence = printAssertion(assertionOf(draft, "…"), nameOf);
  const about = form.hosts.filter((host) => isAbout(assertionOf(draft), host)).length;
  return (
    <div className="grid gap-1 border-t border-line pt-4" role="status" aria-label="The rule as a sentence">
      <p className="text-base font-medium break-words">
        <UntrustedText text={sentence} />.
      </p>
      <p className="text-xs text-ink-soft">
        {about === 0 ? "No managed host is meant now." : `About ${hostCount(about)} now.`}
      </p>
    </div>
  );
}
