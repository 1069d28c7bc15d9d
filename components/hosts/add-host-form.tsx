"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { useCommand } from "@/components/ui/use-command";
import { tagsOf } from "./tags";

const next = {
  command: "Next: a command to paste on the server, good for 30 minutes and one use.",
  login:
    "Next: the server's host keys to compare, then your login. Nothing is sent before you have compared.",
};

/** Names the host; the rest happens on its own page, where a closed laptop loses nothing. */
export function AddHostForm({ way }: { way: "command" | "login" }) {
  const router = useRouter();
  const [form, setForm] = useState({ name: "", address: "", port: "22", tags: "" });
  const { send, pending, error, fieldError } = useCommand<{ hostId: string }>("/api/v1/hosts", {
    refresh: false,
    onDone: ({ hostId }) => router.push(`/hosts/${hostId}`),
  });
  const bind = (name: keyof typeof form) => ({
    value: form[name],
    onChange: (event: { target: { value: string } }) => setForm({ ...form, [name]: event.target.value }),
  });
  const tagError = Object.entries(error?.fields ?? {}).find(([field]) => field.startsWith("tags"))?.[1];
  return (
    <form
      className="grid gap-4 rounded-lg border border-line bg-surface p-4"
      onSubmit={(event) => {
        event.preventDefault();
        void send({ ...form, port: Number(form.port), tags: tagsOf(form.tags), way });
      }}
    >
      <Field label="Name" hint="What you call it here." error={fieldError("name")}>
        {(control) => (
          <Input {...control} autoFocus required autoComplete="off" spellCheck={false} {...bind("name")} />
        )}
      </Field>
      <div className="grid gap-4 sm:grid-cols-[1fr_7rem]">
        <Field
          label="Address"
          hint="A DNS name or an IP address, as Gatehouse reaches it."
          error={fieldError("address")}
        >
          {(control) => (
            <Input
              {...control}
              required
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              className="font-mono"
              {...bind("address")}
            />
          )}
        </Field>
        <Field label="Port" hint="Of sshd." error={fieldError("port")}>
          {(control) => (
            <Input {...control} required inputMode="numeric" className="font-mono" {...bind("port")} />
          )}
        </Field>
      </div>
      <Field label="Tags" optional hint="Apart by blanks: prod eu-west web" error={tagError}>
        {(control) => <Input {...control} autoCapitalize="none" {...bind("tags")} />}
      </Field>
      <FormError error={error} shownFields={["name", "address", "port"]} />
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="min-w-0 flex-1 text-xs text-ink-faint">{next[way]}</p>
        <Button type="submit" variant="primary" pending={pending}>
          Continue
        </Button>
      </div>
    </form>
  );
}
