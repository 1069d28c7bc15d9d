"use client";

import { useCallback, useRef, useState } from "react";
import { RelativeTime } from "@/components/ui/relative-time";
import { Cell, ColumnHead, Table, TableHead, TableRow } from "@/components/ui/table";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { useRowKeys } from "@/components/ui/use-row-keys";
import type { ActivityRow } from "@/lib/features/activity/views";
import { ActivityDetail } from "./activity-detail";
import { Outcome } from "./outcome";

/** What people did, the newest first; a row opens into everything that is written down. */
export function ActivityTable({ rows }: { rows: readonly ActivityRow[] }) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [open, setOpen] = useState<ActivityRow>();
  const current = useRowKeys({
    count: rows.length,
    onOpen: useCallback((index) => setOpen(rows[index]), [rows]),
    onMove: useCallback((index) => body.current?.rows[index]?.scrollIntoView({ block: "nearest" }), []),
  });
  return (
    <>
      <Table label="Activity">
        <TableHead>
          <ColumnHead className="text-right">No.</ColumnHead>
          <ColumnHead>When</ColumnHead>
          <ColumnHead>Who</ColumnHead>
          <ColumnHead>Act</ColumnHead>
          <ColumnHead>Outcome</ColumnHead>
          <ColumnHead className="hidden sm:table-cell">Target</ColumnHead>
          <ColumnHead className="hidden md:table-cell">From</ColumnHead>
        </TableHead>
        <tbody ref={body}>
          {rows.map((row, index) => (
            <TableRow key={row.seq} data-current={index === current || undefined}>
              <Cell className="w-px text-right text-xs text-ink-faint">{row.seq}</Cell>
              <Cell className="whitespace-nowrap text-ink-soft">
                <RelativeTime at={row.at} />
              </Cell>
              <Cell className="max-w-40 truncate">{row.actorName}</Cell>
              <Cell className="whitespace-nowrap">
                <button
                  type="button"
                  onClick={() => setOpen(row)}
                  aria-label={`${row.action}, number ${row.seq}: show everything`}
                  className="rounded-sm py-1.5 font-mono text-xs hover:underline hover:underline-offset-3"
                >
                  {row.action}
                </button>
              </Cell>
              <Cell className="whitespace-nowrap">
                <Outcome outcome={row.outcome} />
              </Cell>
              <Cell className="hidden max-w-56 truncate sm:table-cell">
                {row.targetName && <UntrustedText text={row.targetName} />}
              </Cell>
              <Cell className="hidden font-mono text-xs text-ink-soft md:table-cell">
                <UntrustedText text={row.address} />
              </Cell>
            </TableRow>
          ))}
        </tbody>
      </Table>
      <ActivityDetail row={open} onClose={() => setOpen(undefined)} />
    </>
  );
}
