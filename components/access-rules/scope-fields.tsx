"use client";

import { methodScopes } from "@/lib/access/assertions/assertion";
import type { RuleFormView } from "@/lib/features/access-rules/views";
import { Field } from "../ui/field";
import { Select } from "../ui/select";
import type { RuleDraft } from "./rule-draft";
import { methodWords } from "./rule-words";
import { WordsInput } from "./words-input";

interface Props {
  draft: RuleDraft;
  onChange: (part: Partial<RuleDraft>) => void;
  form: RuleFormView;
  /** What is wrong with a part of the assertion: "hosts", "networks". */
  errorOf: (part: string) => string | undefined;
}

/** A choice of a closed list, as a select. */
function Choice<Value extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: Value;
  options: readonly (readonly [Value, string])[];
  onChange: (value: Value) => void;
}) {
  return (
    <Field label={label}>
      {(control) => (
        <Select
          {...control}
          value={value}
          onChange={(event) => {
            const chosen = options.find(([name]) => name === event.target.value);
            if (chosen) onChange(chosen[0]);
          }}
        >
          {options.map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

/** On which hosts, as which accounts, from where, and how. */
export function ScopeFields({ draft, onChange, form, errorOf }: Props) {
  const isAlways = draft.quantifier === "always";
  const namesAccount = isAlways && draft.subjects[0]?.kind === "account";
  return (
    <div className="grid grid-cols-1 items-start gap-x-6 gap-y-4 md:grid-cols-2">
      <div className="grid grid-cols-1 gap-2">
        <Choice
          label="Hosts"
          value={draft.hosts}
          onChange={(hosts) => onChange({ hosts, hostWords: "" })}
          options={[
            ["all", "All hosts"],
            ["tags", "Hosts with a tag"],
            ["names", "Hosts by name"],
          ]}
        />
        {draft.hosts !== "all" && (
          <WordsInput
            label={draft.hosts === "tags" ? "Tags" : "Names of hosts"}
            hint={draft.hosts === "tags" ? "Any of these." : "Any of these; * and ? stand for letters."}
            value={draft.hostWords}
            onChange={(hostWords) => onChange({ hostWords })}
            error={errorOf("hosts")}
            suggestions={draft.hosts === "tags" ? form.tags : form.hosts.map(({ name }) => name)}
          />
        )}
      </div>
      {!namesAccount && (
        <div className="grid grid-cols-1 gap-2">
          <Choice
            label="Accounts"
            value={draft.accounts}
            onChange={(accounts) => onChange({ accounts })}
            options={[
              ["all", isAlways ? "Any account will do" : "Every account"],
              ["root", "root (uid 0)"],
              ["names", "Accounts by name"],
            ]}
          />
          {draft.accounts === "names" && (
            <WordsInput
              label="Names of accounts"
              hint={
                isAlways
                  ? "One of these is enough; * and ? stand for letters."
                  : "Each of these; * and ? stand for letters."
              }
              value={draft.accountWords}
              onChange={(accountWords) => onChange({ accountWords })}
              error={errorOf("accounts")}
              suggestions={[]}
            />
          )}
        </div>
      )}
      <div className="grid grid-cols-1 gap-2">
        <Choice
          label="From where"
          value={draft.addresses}
          onChange={(addresses) => onChange({ addresses })}
          options={
            isAlways
              ? [
                  ["any", "From at least one address"],
                  ["inside", "From every address of these networks"],
                  ["outside", "From every address outside these networks"],
                ]
              : [
                  ["any", "From anywhere"],
                  ["inside", "From these networks"],
                  ["outside", "From outside these networks"],
                ]
          }
        />
        {draft.addresses !== "any" && (
          <WordsInput
            label="Networks"
            hint="10.0.0.0/8, 192.0.2.7, 2001:db8::/32. IPv6 counts as outside of IPv4 networks."
            value={draft.networks}
            onChange={(networks) => onChange({ networks })}
            error={errorOf("addresses")}
          />
        )}
      </div>
      {isAlways ? (
        <Choice
          label="What they get"
          value={draft.session}
          onChange={(session) => onChange({ session })}
          options={[
            ["free", "A shell, and commands of their choice"],
            ["any", "A forced command will do"],
          ]}
        />
      ) : (
        <Choice
          label="How"
          value={draft.methods}
          onChange={(methods) => onChange({ methods })}
          options={methodScopes.map((scope) => [scope, capital(methodWords[scope])] as const)}
        />
      )}
    </div>
  );
}

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
