import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import { Cell, ColumnHead, Table, TableHead, TableRow } from "@/components/ui/table";
import type { ReviewRow } from "@/lib/features/access-reviews/views";
import { ReviewProgress, ReviewState } from "./review-progress";
import { count, scopeWords, someOf } from "./review-words";

/** Campaigns, the open ones first. */
export function ReviewTable({ rows }: { rows: readonly ReviewRow[] }) {
  return (
    <Table label="Reviews of access">
      <TableHead>
        <ColumnHead>Review</ColumnHead>
        <ColumnHead>State</ColumnHead>
        <ColumnHead className="hidden sm:table-cell">Decided</ColumnHead>
        <ColumnHead className="hidden md:table-cell">Revoked</ColumnHead>
        <ColumnHead className="hidden lg:table-cell">Reviewers</ColumnHead>
      </TableHead>
      <tbody>
        {rows.map((row) => (
          <TableRow key={row.id}>
            <Cell className="max-w-52 py-1.5 sm:max-w-72">
              <Link
                prefetch={false}
                href={`/access/reviews/${row.id}`}
                className="block truncate font-medium hover:underline hover:underline-offset-3"
              >
                {row.name}
              </Link>
              <span className="block truncate text-xs text-ink-faint">{scopeWords(row)}</span>
              {row.mine > 0 && (
                <Badge tone="info" className="mt-1">
                  {count(row.mine, "way waits", "ways wait")} for you
                </Badge>
              )}
            </Cell>
            <Cell className="py-1.5">
              <ReviewState review={row} />
            </Cell>
            <Cell className="hidden py-1.5 sm:table-cell">
              <ReviewProgress counts={row.counts} />
            </Cell>
            <Cell className="hidden whitespace-nowrap py-1.5 md:table-cell">
              <RevokedWords revoked={row.counts.revoked} open={row.counts.revokedOpen} />
            </Cell>
            <Cell className="hidden max-w-44 truncate py-1.5 text-ink-soft lg:table-cell">
              {someOf(row.reviewers, 2)}
            </Cell>
          </TableRow>
        ))}
      </tbody>
    </Table>
  );
}

function RevokedWords({ revoked, open }: { revoked: number; open: number }) {
  if (revoked === 0) return <span className="text-ink-faint">none</span>;
  if (open === 0) return <Badge tone="ok">{revoked}, all gone</Badge>;
  return (
    <Badge tone="warn">
      {open === revoked ? `${revoked}, none gone yet` : `${revoked}, ${open} not gone`}
    </Badge>
  );
}
