"use client";

import { SearchX, ShieldCheck } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { Status, Tag } from "@/components/ui/badge";
import { ButtonLink } from "@/components/ui/button";
import { Chip } from "@/components/ui/chip";
import { EmptyState } from "@/components/ui/empty-state";
import { ListSearch } from "@/components/ui/list-search";
import { Pagination } from "@/components/ui/pagination";
import { Select } from "@/components/ui/select";
import { Cell, ColumnHead, SortableColumnHead, Table, TableHead, TableRow } from "@/components/ui/table";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { type FleetReadinessInput, readinessStates } from "@/lib/features/readiness/schema";
import type { FleetReadinessRow, FleetReadinessView } from "@/lib/features/readiness/views";
import { fleetAddress } from "./fleet-address";
import { hostStates } from "./readiness-words";

interface Props {
  view: FleetReadinessView;
  filter: FleetReadinessInput;
}

/** Every host with how many of its accounts could show a second factor. */
export function FleetReadiness({ view, filter }: Props) {
  const { rows, total, counts } = view;
  const all = readinessStates.reduce((sum, state) => sum + counts[state], 0);
  const isFiltered = filter.q !== "" || filter.tag !== "" || filter.state !== "";
  return (
    <div className="grid grid-cols-1 gap-4">
      <FleetFilters view={view} filter={filter} />
      <p className="text-xs text-ink-faint" role="status">
        {total === 1 ? "1 host" : `${total} hosts`}
      </p>
      {rows.length > 0 ? (
        <div>
          <Table label="Hosts by readiness">
            <TableHead>
              <SortableColumnHead
                href={fleetAddress(filter, { sort: "name", page: 1 })}
                direction={filter.sort === "name" ? "ascending" : undefined}
              >
                Host
              </SortableColumnHead>
              <ColumnHead>Second factor</ColumnHead>
              <ColumnHead className="text-right">Ready</ColumnHead>
              <ColumnHead className="hidden text-right sm:table-cell">Excepted</ColumnHead>
              <SortableColumnHead
                href={fleetAddress(filter, { sort: "missing", page: 1 })}
                direction={filter.sort === "missing" ? "descending" : undefined}
                className="hidden md:table-cell"
              >
                Missing
              </SortableColumnHead>
            </TableHead>
            <tbody>
              {rows.map((row) => (
                <HostRow key={row.hostId} row={row} />
              ))}
            </tbody>
          </Table>
          <Pagination
            page={view.page}
            perPage={view.perPage}
            total={total}
            noun="hosts"
            hrefOf={(page) => fleetAddress(filter, { page })}
          />
        </div>
      ) : isFiltered || all > 0 ? (
        <EmptyState
          icon={SearchX}
          title="No host fits"
          actions={<ButtonLink href="/access/two-factor">Clear all</ButtonLink>}
        >
          Other words, another tag or another state may.
        </EmptyState>
      ) : (
        <EmptyState
          icon={ShieldCheck}
          title="There are no hosts yet"
          actions={<ButtonLink href="/hosts/add">Add a host</ButtonLink>}
        >
          A host's readiness is told by readings of who can log in and of its state files of codes.
        </EmptyState>
      )}
    </div>
  );
}

function FleetFilters({ view, filter }: Props) {
  const router = useRouter();
  const tags = filter.tag === "" || view.tags.includes(filter.tag) ? view.tags : [...view.tags, filter.tag];
  return (
    <div className="grid gap-2.5">
      <div className="flex flex-wrap items-center gap-2">
        <ListSearch label="Host" value={filter.q} />
        <Select
          aria-label="Tag"
          value={filter.tag}
          onChange={(event) =>
            router.replace(fleetAddress(filter, { tag: event.target.value, page: 1 }), { scroll: false })
          }
        >
          <option value="">Any tag</option>
          {tags.map((tag) => (
            <option key={tag} value={tag}>
              {tag}
            </option>
          ))}
        </Select>
      </div>
      <div className="flex flex-wrap items-center gap-1.5">
        {readinessStates.map((state) => (
          <Chip
            key={state}
            active={filter.state === state}
            count={view.counts[state]}
            href={fleetAddress(filter, { state: filter.state === state ? "" : state, page: 1 })}
          >
            {hostStates[state].text}
          </Chip>
        ))}
      </div>
    </div>
  );
}

function HostRow({ row }: { row: FleetReadinessRow }) {
  const { tone, text } = hostStates[row.state];
  const open = row.accounts - row.ready - row.excepted;
  const more = open - row.missing.length;
  return (
    <TableRow>
      <Cell className="max-w-72 py-1.5 align-top">
        <Link
          href={`/hosts/${row.hostId}/two-factor`}
          prefetch={false}
          className="break-words font-medium hover:underline hover:underline-offset-3"
        >
          {row.hostName}
        </Link>
        {row.tags.length > 0 && (
          <span className="mt-0.5 hidden flex-wrap gap-1 sm:flex">
            {row.tags.map((tag) => (
              <Tag key={tag}>{tag}</Tag>
            ))}
          </span>
        )}
      </Cell>
      <Cell className="py-1.5 align-top">
        <Status tone={tone}>{text}</Status>
        {row.doubt && (
          <span className="block max-w-md text-xs text-ink-faint">
            <UntrustedText text={row.doubt} />
          </span>
        )}
      </Cell>
      <Cell className="whitespace-nowrap py-1.5 text-right align-top tabular-nums">
        {row.ready} of {row.accounts}
      </Cell>
      <Cell className="hidden py-1.5 text-right align-top tabular-nums sm:table-cell">
        {row.excepted === 0 ? <span className="text-ink-faint">–</span> : row.excepted}
      </Cell>
      <Cell className="hidden max-w-72 py-1.5 align-top text-ink-soft md:table-cell">
        <span className="line-clamp-2 break-words">
          {row.missing.map((account, index) => (
            <span key={account}>
              {index > 0 && ", "}
              <UntrustedText text={account} className="font-mono text-xs" />
            </span>
          ))}
          {more > 0 && ` and ${more} more`}
        </span>
      </Cell>
    </TableRow>
  );
}
