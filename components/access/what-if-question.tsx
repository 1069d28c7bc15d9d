"use client";

import Form from "next/form";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import type { WhatIfInput } from "@/lib/features/access/schema";

interface Props {
  /** Those whose keys are known. */
  people: readonly { id: string; name: string }[];
  input: WhatIfInput;
}

/** Who comes, from where, when, and to which account on which host. All of it lives in the address. */
export function WhatIfQuestion({ people, input }: Props) {
  return (
    <Form
      action="/access/what-if"
      scroll={false}
      // Else the fields keep what was typed when the address changes by itself.
      key={JSON.stringify(input)}
      className="grid grid-cols-1 items-start gap-3 rounded-lg border border-line bg-surface p-4 sm:grid-cols-2 lg:grid-cols-[1fr_1fr_1fr_1fr_1fr_auto]"
    >
      <Field label="Person" optional>
        {(control) => (
          <Select name="person" defaultValue={input.person} className="w-full" {...control}>
            <option value="">Anybody</option>
            {people.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Account" optional>
        {(control) => (
          <Input
            name="account"
            defaultValue={input.account}
            placeholder="any"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            {...control}
          />
        )}
      </Field>
      <Field label="From the address">
        {(control) => (
          <Input
            name="from"
            required
            defaultValue={input.from}
            placeholder="192.0.2.7"
            autoComplete="off"
            spellCheck={false}
            {...control}
          />
        )}
      </Field>
      <Field label="At (UTC)" optional>
        {(control) => <Input type="datetime-local" name="at" defaultValue={input.at} {...control} />}
      </Field>
      <Field label="Host, web-*" optional>
        {(control) => (
          <Input
            name="host"
            defaultValue={input.host}
            placeholder="all"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            {...control}
          />
        )}
      </Field>
      <Button type="submit" variant="primary" className="lg:mt-[1.625rem]">
        Ask
      </Button>
    </Form>
  );
}
