"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { visibleText } from "@/components/ui/visible-text";
import type { ConfigVersionView } from "@/lib/features/config/views";
import { Badge, Tag } from "../ui/badge";
import { Button } from "../ui/button";
import { FormError } from "../ui/form-error";
import { RelativeTime } from "../ui/relative-time";
import { Cell, ColumnHead, Table, TableHead, TableRow } from "../ui/table";
import { useCommand } from "../ui/use-command";

const origins: Record<ConfigVersionView["origin"], string> = {
  original: "as found at first contact",
  found: "changed on the host",
  change: "changed here",
};

interface Props {
  path: string;
  versions: readonly ConfigVersionView[];
  canRestore: boolean;
  /** The address that shows one version beside the current one. */
  hrefPrefix: string;
  shownId: string | undefined;
}

function Restore({ version }: { version: ConfigVersionView }) {
  const router = useRouter();
  const restore = useCommand<{ changeId: string }>(`/api/v1/config/versions/${version.id}/restore`, {
    refresh: false,
    onDone: ({ changeId }) => router.push(`/changes/${changeId}`),
  });
  return (
    <span className="grid justify-items-end gap-1">
      <Button
        size="sm"
        pending={restore.pending}
        onClick={() => restore.send({ message: `Restore version ${version.number}` })}
      >
        Restore…
      </Button>
      <FormError error={restore.error} />
    </span>
  );
}

/** Every content of a file that was ever seen or written, newest first. Restoring one is a change like any other. */
export function VersionList({ path, versions, canRestore, hrefPrefix, shownId }: Props) {
  const [most, setMost] = useState(50);
  return (
    <div className="grid grid-cols-1 gap-2">
      <Table label={`Versions of ${visibleText(path)}`}>
        <TableHead>
          <ColumnHead>Version</ColumnHead>
          <ColumnHead>How it came about</ColumnHead>
          <ColumnHead>By</ColumnHead>
          <ColumnHead>When</ColumnHead>
          <ColumnHead>
            <span className="sr-only">Acts</span>
          </ColumnHead>
        </TableHead>
        <tbody>
          {versions.slice(0, most).map((version) => (
            <TableRow key={version.id} aria-selected={version.id === shownId || undefined}>
              <Cell className="whitespace-nowrap tabular-nums">
                <Link
                  href={`${hrefPrefix}${version.id}#difference`}
                  className="rounded-sm font-medium hover:underline"
                  title={version.sha256}
                >
                  {version.number}
                </Link>{" "}
                {version.current && <Badge tone="ok">on the host</Badge>}
              </Cell>
              <Cell>
                {version.changeId ? (
                  <Link href={`/changes/${version.changeId}`} className="rounded-sm hover:underline">
                    {version.changeMessage || origins.change}
                  </Link>
                ) : (
                  <Tag className="max-w-none">{origins[version.origin]}</Tag>
                )}
              </Cell>
              <Cell className="text-ink-soft">{version.authorName ?? "—"}</Cell>
              <Cell className="whitespace-nowrap text-ink-soft">
                <RelativeTime at={version.createdAt} />
              </Cell>
              <Cell className="text-right">
                {canRestore && !version.current && <Restore version={version} />}
              </Cell>
            </TableRow>
          ))}
        </tbody>
      </Table>
      {versions.length > most && (
        <Button variant="ghost" onClick={() => setMost(most + 50)}>
          Show {Math.min(50, versions.length - most)} more of {versions.length}
        </Button>
      )}
    </div>
  );
}
