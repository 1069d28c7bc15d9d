"use client";

import { CloudDownload } from "lucide-react";
import { useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { useCommand } from "@/components/ui/use-command";
import { keyProviders } from "@/lib/features/key-imports/schema";
import type { KeyImportsView } from "@/lib/features/key-imports/views";
import { providerTitles } from "./import-words";

const placeholders: Record<(typeof keyProviders)[number], string> = {
  github: "octocat",
  gitlab: "alice",
  launchpad: "alice",
  url: "https://keys.example.org/people/alice",
};

/** Names a place where a person publishes his public keys. */
export function AddImport({ view }: { view: Pick<KeyImportsView, "personId" | "allowed"> }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <CloudDownload aria-hidden /> Import…
      </Button>
      {open && <AddDialog view={view} onClose={() => setOpen(false)} />}
    </>
  );
}

function AddDialog({
  view: { personId, allowed },
  onClose,
}: {
  view: Pick<KeyImportsView, "personId" | "allowed">;
  onClose: () => void;
}) {
  const [provider, setProvider] = useState<(typeof keyProviders)[number]>("github");
  const [name, setName] = useState("");
  const [isSubscribed, setIsSubscribed] = useState(false);
  const subscribeId = useId();
  const add = useCommand(`/api/v1/people/${personId}/key-imports`, { onDone: onClose });
  // An address can be given only where an admin has allowed some.
  const offered = keyProviders.filter((known) => known !== "url" || allowed.length > 0);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Import public keys"
      description="What is published there is read and proposed. No key counts before you take it and its holder proves it."
    >
      <form
        className="grid grid-cols-1 gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void add.send({ provider, name, isSubscribed });
        }}
      >
        <Field label="From" error={add.fieldError("provider")}>
          {(control) => (
            <Select
              {...control}
              value={provider}
              onChange={(event) => {
                setProvider(keyProviders.find((known) => known === event.target.value) ?? "github");
                add.clearError();
              }}
            >
              {offered.map((known) => (
                <option key={known} value={known}>
                  {providerTitles[known]}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field
          label={provider === "url" ? "Address" : `Name at ${providerTitles[provider]}`}
          hint={provider === "url" ? `Must begin with ${allowed.join(" or ")}` : undefined}
          error={add.fieldError("name")}
        >
          {(control) => (
            <Input
              {...control}
              autoFocus
              required
              maxLength={1000}
              autoCapitalize="none"
              autoComplete="off"
              spellCheck={false}
              placeholder={placeholders[provider]}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <div className="flex items-start gap-2">
          <Checkbox
            id={subscribeId}
            checked={isSubscribed}
            onChange={(event) => setIsSubscribed(event.target.checked)}
          />
          <label htmlFor={subscribeId} className="grid text-sm">
            Look again every day
            <span className="text-xs text-ink-soft">
              What is new or gone is proposed. Nothing is added or removed by itself.
            </span>
          </label>
        </div>
        <FormError error={add.error} shownFields={["name", "provider"]} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" pending={add.pending}>
            Read the keys
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
