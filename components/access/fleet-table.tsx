"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useCallback, useRef } from "react";
import { RelativeTime } from "@/components/ui/relative-time";
import { Cell, ColumnHead, SortableColumnHead, Table, TableHead, TableRow } from "@/components/ui/table";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { useRowKeys } from "@/components/ui/use-row-keys";
import { methodWords } from "@/lib/access/method-words";
import type { FleetAccessInput } from "@/lib/features/access/schema";
import type { FleetPathRow } from "@/lib/features/access/views";
import { fleetSortAddress, wayAddress } from "./fleet-address";
import { FactorMark, FromWords, KeyHolder, PathMarks } from "./path-cells";

interface Props {
  rows: readonly FleetPathRow[];
  filter: FleetAccessInput;
  label: string;
}

/** Ways in, one a row: j and k move, Enter explains. */
export function FleetTable({ rows, filter, label }: Props) {
  const router = useRouter();
  const body = useRef<HTMLTableSectionElement>(null);
  const current = useRowKeys({
    count: rows.length,
    onOpen: useCallback(
      (index) => {
        const row = rows[index];
        if (row) router.push(wayAddress(filter, row), { scroll: false });
      },
      [rows, filter, router],
    ),
    onMove: useCallback((index) => body.current?.rows[index]?.scrollIntoView({ block: "nearest" }), []),
  });
  const head = (sort: FleetAccessInput["sort"], text: string, className?: string) => (
    <SortableColumnHead
      href={fleetSortAddress(filter, sort)}
      direction={filter.sort === sort ? filter.direction : undefined}
      className={className}
    >
      {text}
    </SortableColumnHead>
  );
  return (
    <Table label={label}>
      <TableHead>
        {head("account", "Account")}
        {head("host", "Host")}
        <ColumnHead>Who</ColumnHead>
        {head("methods", "By", "hidden sm:table-cell")}
        {head("factors", "Factors", "hidden sm:table-cell")}
        <ColumnHead className="hidden md:table-cell">From</ColumnHead>
        <ColumnHead className="hidden xl:table-cell">Mind</ColumnHead>
        {head("used", "Last used", "hidden lg:table-cell")}
      </TableHead>
      <tbody ref={body}>
        {rows.map((row, index) => (
          <FleetRow
            key={`${row.hostId} ${row.id}`}
            row={row}
            href={wayAddress(filter, row)}
            current={index === current}
          />
        ))}
      </tbody>
    </Table>
  );
}

function FleetRow({ row, href, current }: { row: FleetPathRow; href: string; current: boolean }) {
  return (
    <TableRow data-current={current || undefined}>
      <Cell className="max-w-40 sm:max-w-48">
        <Link
          href={href}
          data-way={`${row.hostId} ${row.id}`}
          scroll={false}
          prefetch={false}
          className="block truncate py-1.5 font-medium hover:underline hover:underline-offset-3"
        >
          <UntrustedText text={row.account} />
        </Link>
      </Cell>
      <Cell className="max-w-32 truncate sm:max-w-44">
        <Link href={`/hosts/${row.hostId}/access`} prefetch={false} className="hover:underline">
          {row.hostName}
        </Link>
      </Cell>
      <Cell className="max-w-44 lg:max-w-56">
        <KeyHolder row={row} />
      </Cell>
      <Cell className="hidden max-w-44 truncate sm:table-cell">{methodWords(row.methods)}</Cell>
      <Cell className="hidden sm:table-cell">
        <FactorMark factors={row.factors} />
      </Cell>
      <Cell className="hidden max-w-44 truncate text-ink-soft md:table-cell">
        <FromWords from={row.from} />
      </Cell>
      <Cell className="hidden xl:table-cell">
        <PathMarks row={row} />
      </Cell>
      <Cell className="hidden whitespace-nowrap text-ink-soft lg:table-cell">
        {row.lastUsedAt ? <RelativeTime at={row.lastUsedAt} /> : "none on record"}
      </Cell>
    </TableRow>
  );
}
