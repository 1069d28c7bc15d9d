"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Textarea } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { useCommand } from "@/components/ui/use-command";
import { importFormats } from "@/lib/features/hosts/schema";
import type { ImportPreviewView } from "@/lib/features/hosts/views";
import { ImportPreview } from "./import-preview";

type Format = (typeof importFormats)[number];

const formats: Record<Format, { label: string; example: string }> = {
  ssh_config: { label: "~/.ssh/config", example: "Host web-1\n  HostName 10.20.0.1\n  Port 2222" },
  known_hosts: { label: "known_hosts", example: "web-1.example.net ssh-ed25519 AAAAC3Nza…" },
  ansible: { label: "Ansible inventory (INI or YAML)", example: "[web]\nweb-1 ansible_host=10.20.0.1" },
  csv: { label: "CSV", example: "name,address,port,tags\nweb-1,10.20.0.1,22,prod web" },
};

/** A list from somewhere else, looked through before anything is added. */
export function ImportHosts() {
  const router = useRouter();
  const [format, setFormat] = useState<Format>("ssh_config");
  const [text, setText] = useState("");
  const [preview, setPreview] = useState<ImportPreviewView>();
  const look = useCommand<ImportPreviewView>("/api/v1/hosts/import/preview", {
    refresh: false,
    onDone: setPreview,
  });
  const add = useCommand("/api/v1/hosts/import", {
    refresh: false,
    onDone: () => router.push("/hosts?state=enrolling"),
  });

  if (preview)
    return (
      <ImportPreview
        preview={preview}
        pending={add.pending}
        error={add.error}
        onBack={() => setPreview(undefined)}
        onImport={(hosts) => void add.send({ hosts })}
      />
    );
  return (
    <form
      className="grid gap-4 rounded-lg border border-line bg-surface p-4"
      onSubmit={(event) => {
        event.preventDefault();
        void look.send({ format, text });
      }}
    >
      <Field label="Format">
        {(control) => (
          <Select
            {...control}
            className="w-full max-w-xs"
            value={format}
            onChange={(event) => setFormat(event.target.value as Format)}
          >
            {importFormats.map((value) => (
              <option key={value} value={value}>
                {formats[value].label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field
        label="The list"
        hint="Paste it, or choose a file. Keys in it are not trusted: each host is enrolled by itself afterwards."
        error={look.fieldError("text")}
      >
        {(control) => (
          <Textarea
            {...control}
            required
            rows={10}
            spellCheck={false}
            placeholder={formats[format].example}
            className="font-mono sm:text-xs"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <FormError error={look.error} shownFields={["text"]} />
      <div className="flex flex-wrap items-center justify-between gap-3">
        <input
          type="file"
          aria-label="Choose a file with the list"
          className="max-w-full text-xs text-ink-soft file:mr-2 file:h-7 file:cursor-pointer file:rounded-md file:border file:border-line-strong file:bg-surface file:px-2.5 file:text-xs file:font-medium file:text-ink"
          onChange={async (event) => {
            const file = event.target.files?.[0];
            if (file) setText(await file.text());
          }}
        />
        <Button type="submit" variant="primary" pending={look.pending}>
          Preview
        </Button>
      </div>
    </form>
  );
}
