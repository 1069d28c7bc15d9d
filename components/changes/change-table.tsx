import Link from "next/link";
import type { ChangeRow } from "@/lib/features/changes/views";
import { RelativeTime } from "../ui/relative-time";
import { Cell, ColumnHead, Table, TableHead, TableRow } from "../ui/table";
import { UntrustedText } from "../ui/untrusted-text";
import { ChangeStatus } from "./change-status";

/** Lines added and removed, as people read them in a difference. */
function Size({ added, removed }: { added: number; removed: number }) {
  return (
    <span className="whitespace-nowrap font-mono text-xs tabular-nums">
      <span className="text-ok">+{added}</span> <span className="text-danger">−{removed}</span>
    </span>
  );
}

/** Changes, newest first. `hostColumn` is left out on the page of one host. */
export function ChangeTable({
  rows,
  hostColumn = true,
}: {
  rows: readonly ChangeRow[];
  hostColumn?: boolean;
}) {
  return (
    <Table label="Changes">
      <TableHead>
        <ColumnHead>State</ColumnHead>
        {hostColumn && <ColumnHead>Host</ColumnHead>}
        <ColumnHead>File</ColumnHead>
        <ColumnHead>What for</ColumnHead>
        <ColumnHead className="text-right">Lines</ColumnHead>
        <ColumnHead>By</ColumnHead>
        <ColumnHead>When</ColumnHead>
      </TableHead>
      <tbody>
        {rows.map((row) => (
          <TableRow key={row.id}>
            <Cell>
              <Link href={`/changes/${row.id}`} className="rounded-sm hover:underline">
                <ChangeStatus state={row.state} />
              </Link>
            </Cell>
            {hostColumn && (
              <Cell className="font-medium">
                <Link href={`/hosts/${row.hostId}`} className="rounded-sm hover:underline">
                  {row.hostName}
                </Link>
              </Cell>
            )}
            <Cell className="font-mono text-xs">
              <UntrustedText text={row.path} />
            </Cell>
            <Cell className="max-w-80">
              <Link
                href={`/changes/${row.id}`}
                className="block truncate rounded-sm hover:underline"
                title={row.message}
              >
                {row.message || <span className="text-ink-faint">no message</span>}
              </Link>
            </Cell>
            <Cell className="text-right">
              <Size added={row.addedLines} removed={row.removedLines} />
            </Cell>
            <Cell className="max-w-40 truncate text-ink-soft">{row.authorName}</Cell>
            <Cell className="whitespace-nowrap text-ink-soft">
              <RelativeTime at={row.endedAt ?? row.createdAt} />
            </Cell>
          </TableRow>
        ))}
      </tbody>
    </Table>
  );
}
