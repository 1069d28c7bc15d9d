import Link from "next/link";
import { Status, Tag } from "@/components/ui/badge";
import { RelativeTime } from "@/components/ui/relative-time";
import { Cell, ColumnHead, Table, TableHead, TableRow } from "@/components/ui/table";
import type { BatchRow } from "@/lib/features/key-fleet/views";
import { count, kindWords } from "./batch-words";

/** Batches of keys, one a row. */
export function BatchTable({ rows }: { rows: readonly BatchRow[] }) {
  return (
    <Table label="Batches of keys">
      <TableHead>
        <ColumnHead>What for</ColumnHead>
        <ColumnHead>Kind</ColumnHead>
        <ColumnHead>Where it stands</ColumnHead>
        <ColumnHead className="text-right">Hosts done</ColumnHead>
        <ColumnHead>By</ColumnHead>
        <ColumnHead>When</ColumnHead>
      </TableHead>
      <tbody>
        {rows.map((row) => (
          <TableRow key={row.id}>
            <Cell className="max-w-80">
              <Link
                href={`/changes/batches/${row.id}`}
                className="block truncate py-1.5 font-medium hover:underline hover:underline-offset-3"
              >
                {row.title}
              </Link>
            </Cell>
            <Cell>
              <Tag>{kindWords[row.kind]}</Tag>
            </Cell>
            <Cell>
              <BatchStanding batch={row} />
            </Cell>
            <Cell className="text-right tabular-nums">
              {row.done} of {row.hosts}
            </Cell>
            <Cell className="max-w-40 truncate text-ink-soft">{row.authorName}</Cell>
            <Cell className="whitespace-nowrap text-ink-soft">
              <RelativeTime at={row.createdAt} />
            </Cell>
          </TableRow>
        ))}
      </tbody>
    </Table>
  );
}

/** Where a whole batch stands, in a word. */
export function BatchStanding({ batch }: { batch: BatchRow }) {
  if (batch.cancelledAt) return <Status tone="neutral">Cancelled</Status>;
  if (batch.done === batch.hosts) return <Status tone="ok">Done on every host</Status>;
  if (batch.stuck > 0)
    return <Status tone="danger">{count(batch.stuck, "host needs", "hosts need")} you</Status>;
  if (!batch.confirmedAt) return <Status tone="info">Not confirmed</Status>;
  return <Status tone="busy">Under way</Status>;
}
