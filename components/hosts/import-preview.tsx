"use client";

import { useState } from "react";
import { Status, Tag, type Tone } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { FormError } from "@/components/ui/form-error";
import type { CommandError } from "@/components/ui/send-command";
import { Cell, ColumnHead, Table, TableHead, TableRow } from "@/components/ui/table";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { ImportPreviewView } from "@/lib/features/hosts/views";
import { hostAddress } from "./host-words";

type Found = ImportPreviewView["hosts"][number];
type NewHost = Pick<Found, "name" | "address" | "port" | "tags">;

const verdicts: Record<Found["verdict"], { tone: Tone; label: string }> = {
  new: { tone: "ok", label: "New" },
  exists: { tone: "neutral", label: "Is here already" },
  invalid: { tone: "warn", label: "Not valid" },
  duplicate: { tone: "neutral", label: "Twice in the list" },
};

interface Props {
  preview: ImportPreviewView;
  pending: boolean;
  error: CommandError | undefined;
  onBack: () => void;
  onImport: (hosts: NewHost[]) => void;
}

/** What a list would add, line by line, and what it would not, and why. */
export function ImportPreview({ preview, pending, error, onBack, onImport }: Props) {
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set());
  const fresh = preview.hosts.filter((host) => host.verdict === "new");
  const chosen = fresh.filter((host) => !left.has(host.line));

  function toggle(line: number) {
    const next = new Set(left);
    if (!next.delete(line)) next.add(line);
    setLeft(next);
  }
  return (
    <div className="grid grid-cols-1 gap-4">
      <p className="text-sm text-ink-soft" role="status">
        {fresh.length} new of {preview.hosts.length} found
        {preview.skipped.length > 0 && `, ${preview.skipped.length} lines left out`}.
      </p>
      {preview.hosts.length > 0 && (
        <Table label="What the list would add">
          <TableHead>
            <ColumnHead className="w-10 pr-0">
              <span className="sr-only">Add</span>
            </ColumnHead>
            <ColumnHead>Name</ColumnHead>
            <ColumnHead>Address</ColumnHead>
            <ColumnHead>Tags</ColumnHead>
            <ColumnHead>Verdict</ColumnHead>
            <ColumnHead className="text-right">Line</ColumnHead>
          </TableHead>
          <tbody>
            {preview.hosts.map((host) => (
              <TableRow key={host.line + host.name}>
                <Cell className="w-10 pr-0">
                  <Checkbox
                    aria-label={`Add ${host.name}`}
                    disabled={host.verdict !== "new"}
                    checked={host.verdict === "new" && !left.has(host.line)}
                    onChange={() => toggle(host.line)}
                  />
                </Cell>
                <Cell className="whitespace-nowrap font-medium">
                  <UntrustedText text={host.name} />
                </Cell>
                <Cell className="whitespace-nowrap font-mono text-xs">
                  <UntrustedText text={hostAddress(host)} />
                </Cell>
                <Cell>
                  <span className="flex gap-1">
                    {host.tags.map((tag) => (
                      <Tag key={tag}>{tag}</Tag>
                    ))}
                  </span>
                </Cell>
                <Cell>
                  <Status tone={verdicts[host.verdict].tone}>
                    {host.reason ?? verdicts[host.verdict].label}
                  </Status>
                </Cell>
                <Cell className="text-right text-ink-faint">{host.line}</Cell>
              </TableRow>
            ))}
          </tbody>
        </Table>
      )}
      {preview.skipped.length > 0 && (
        <details className="rounded-lg border border-line bg-surface px-4 py-2 text-sm">
          <summary className="py-1">Lines left out ({preview.skipped.length})</summary>
          <ul className="grid gap-1 py-2 text-xs">
            {preview.skipped.map((line) => (
              <li key={line.line} className="grid gap-x-3 sm:grid-cols-[3rem_minmax(0,1fr)_minmax(0,1fr)]">
                <span className="text-ink-faint">{line.line}</span>
                <code className="truncate font-mono">
                  <UntrustedText text={line.text} />
                </code>
                <span className="text-ink-soft">{line.reason}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      <FormError error={error} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onBack}>Back to the list</Button>
        <Button
          variant="primary"
          pending={pending}
          disabled={chosen.length === 0}
          onClick={() =>
            onImport(chosen.map(({ name, address, port, tags }) => ({ name, address, port, tags })))
          }
        >
          Add {chosen.length} {chosen.length === 1 ? "host" : "hosts"}
        </Button>
      </div>
    </div>
  );
}
