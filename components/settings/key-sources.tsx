"use client";

import { Trash2 } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { useCommand } from "@/components/ui/use-command";
import type { KeySourcesView } from "@/lib/features/key-imports/views";

const path = "/api/v1/key-sources";

/** Addresses from which public keys may be imported, besides the providers. */
export function KeySources({ view }: { view: KeySourcesView }) {
  const [prefix, setPrefix] = useState("");
  const allow = useCommand(path, { onDone: () => setPrefix("") });
  return (
    <div className="grid grid-cols-1 gap-4">
      {view.prefixes.length === 0 ? (
        <p className="text-sm text-ink-soft">
          None: keys are imported from GitHub, GitLab and Launchpad only.
        </p>
      ) : (
        <ul className="grid grid-cols-1 gap-1">
          {view.prefixes.map((source) => (
            <KeySource key={source.prefix} prefix={source.prefix} canWrite={view.canWrite} />
          ))}
        </ul>
      )}
      {view.canWrite && (
        <form
          className="grid grid-cols-1 gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            void allow.send({ prefix });
          }}
        >
          <Field
            label="Allow addresses that begin with"
            hint="https, a name of the public Internet, and a folder. Addresses of your own network are never asked."
            error={allow.fieldError("prefix")}
          >
            {(control) => (
              <span className="flex gap-2">
                <Input
                  {...control}
                  required
                  maxLength={1000}
                  autoCapitalize="none"
                  autoComplete="off"
                  spellCheck={false}
                  placeholder="https://keys.example.org/people/"
                  value={prefix}
                  onChange={(event) => setPrefix(event.target.value)}
                />
                <Button type="submit" pending={allow.pending}>
                  Allow
                </Button>
              </span>
            )}
          </Field>
          <FormError error={allow.error} shownFields={["prefix"]} />
        </form>
      )}
    </div>
  );
}

function KeySource({ prefix, canWrite }: { prefix: string; canWrite: boolean }) {
  const forbid = useCommand(path, { method: "DELETE" });
  return (
    <li className="flex flex-wrap items-center gap-2">
      <span className="min-w-0 flex-1 break-all font-mono text-xs">{prefix}</span>
      {canWrite && (
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={`Allow ${prefix} no more`}
          pending={forbid.pending}
          onClick={() => void forbid.send({ prefix })}
        >
          <Trash2 aria-hidden />
        </Button>
      )}
      <FormError error={forbid.error} />
    </li>
  );
}
