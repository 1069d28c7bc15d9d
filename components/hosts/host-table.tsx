"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { memo, useCallback, useRef, useState } from "react";
import { Tag } from "@/components/ui/badge";
import { Checkbox } from "@/components/ui/checkbox";
import { RelativeTime } from "@/components/ui/relative-time";
import { Cell, ColumnHead, SortableColumnHead, Table, TableHead, TableRow } from "@/components/ui/table";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { useRowKeys } from "@/components/ui/use-row-keys";
import { visibleText } from "@/components/ui/visible-text";
import type { HostListFilter } from "@/lib/features/hosts/schema";
import type { HostRow } from "@/lib/features/hosts/views";
import { BulkBar } from "./bulk-bar";
import { sortAddress } from "./host-list-address";
import { HostState } from "./host-status";
import { hostAddress, shortSystem, shortVersion } from "./host-words";

interface Props {
  rows: readonly HostRow[];
  filter: HostListFilter;
  /** Whether the viewer may tag and archive. */
  canWrite: boolean;
}

/** The hosts of one page of the list. */
export function HostTable({ rows, filter, canWrite }: Props) {
  const router = useRouter();
  const body = useRef<HTMLTableSectionElement>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const chosen = rows.filter((row) => selected.has(row.id));

  const toggle = useCallback((id: string) => {
    setSelected((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  const at = useCallback((index: number) => rows[index]?.id, [rows]);
  const current = useRowKeys({
    count: rows.length,
    onOpen: useCallback(
      (index) => {
        const id = at(index);
        if (id) router.push(`/hosts/${id}`);
      },
      [at, router],
    ),
    onSelect: useCallback(
      (index) => {
        const id = at(index);
        if (id && canWrite) toggle(id);
      },
      [at, canWrite, toggle],
    ),
    onMove: useCallback((index) => body.current?.rows[index]?.scrollIntoView({ block: "nearest" }), []),
  });

  const head = (sort: HostListFilter["sort"], label: string, className?: string) => (
    <SortableColumnHead
      href={sortAddress(filter, sort)}
      direction={filter.sort === sort ? filter.direction : undefined}
      className={className}
    >
      {label}
    </SortableColumnHead>
  );

  return (
    <>
      <Table label="Hosts">
        <TableHead>
          {canWrite && (
            <ColumnHead className="w-10 pr-0">
              <Checkbox
                aria-label="Select all hosts of this page"
                checked={chosen.length === rows.length}
                indeterminate={chosen.length > 0 && chosen.length < rows.length}
                onChange={() =>
                  setSelected(chosen.length === rows.length ? new Set() : new Set(rows.map((row) => row.id)))
                }
              />
            </ColumnHead>
          )}
          {head("name", "Host")}
          <ColumnHead>State</ColumnHead>
          {head("address", "Address", "hidden sm:table-cell")}
          {head("openssh", "OpenSSH", "hidden md:table-cell")}
          {head("os", "System", "hidden lg:table-cell")}
          <ColumnHead className="hidden xl:table-cell">Tags</ColumnHead>
          {head("seen", "Seen", "hidden sm:table-cell")}
        </TableHead>
        <tbody ref={body}>
          {rows.map((row, index) => (
            <Row
              key={row.id}
              row={row}
              selected={selected.has(row.id)}
              current={index === current}
              onToggle={canWrite ? toggle : undefined}
            />
          ))}
        </tbody>
      </Table>
      {canWrite && chosen.length > 0 && <BulkBar hosts={chosen} onClear={() => setSelected(new Set())} />}
    </>
  );
}

interface RowProps {
  row: HostRow;
  selected: boolean;
  current: boolean;
  /** Undefined: the viewer may select nothing. */
  onToggle: ((id: string) => void) | undefined;
}

/** Drawn again only when it changes itself: a key press must not draw a thousand rows. */
const Row = memo(function Row({ row, selected, current, onToggle }: RowProps) {
  return (
    <TableRow aria-selected={selected || undefined} data-current={current || undefined}>
      {onToggle && (
        <Cell className="w-10 pr-0">
          <Checkbox aria-label={`Select ${row.name}`} checked={selected} onChange={() => onToggle(row.id)} />
        </Cell>
      )}
      <Cell className="max-w-64">
        <Link
          href={`/hosts/${row.id}`}
          prefetch={false}
          className="block truncate py-1.5 font-medium hover:underline hover:underline-offset-3"
        >
          {row.name}
        </Link>
      </Cell>
      <Cell className="max-w-48">
        <HostState host={row} />
      </Cell>
      <Cell className="hidden max-w-52 truncate font-mono text-xs text-ink-soft sm:table-cell">
        {hostAddress(row)}
      </Cell>
      <Cell className="hidden max-w-32 truncate md:table-cell">
        {row.sshdVersion && (
          <span title={visibleText(row.sshdVersion)}>
            <UntrustedText text={shortVersion(row.sshdVersion)} />
          </span>
        )}
      </Cell>
      <Cell className="hidden max-w-36 truncate text-ink-soft lg:table-cell">
        {row.osName && (
          <span title={visibleText(row.osName)}>
            <UntrustedText text={shortSystem(row.osName)} />
          </span>
        )}
      </Cell>
      <Cell className="hidden max-w-56 xl:table-cell">
        <span className="flex gap-1 overflow-hidden">
          {row.tags.map((tag) => (
            <Tag key={tag} className="shrink-0">
              {tag}
            </Tag>
          ))}
        </span>
      </Cell>
      <Cell className="hidden whitespace-nowrap text-ink-soft sm:table-cell">
        {row.seenAt ? <RelativeTime at={row.seenAt} /> : "never"}
      </Cell>
    </TableRow>
  );
});
