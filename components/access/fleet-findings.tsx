"use client";

import { CircleCheck, KeyRound, SearchX } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { Status } from "@/components/ui/badge";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ListSearch } from "@/components/ui/list-search";
import { Pagination } from "@/components/ui/pagination";
import { Select } from "@/components/ui/select";
import { Cell, ColumnHead, Table, TableHead, TableRow } from "@/components/ui/table";
import type { FindingListInput } from "@/lib/features/access/schema";
import type { FindingListView } from "@/lib/features/access/views";
import { count, grouped } from "./access-words";
import { FindingList, severityTone, severityWords } from "./finding-list";
import { findingTitle } from "./finding-words";
import { FleetNotices } from "./fleet-notices";

interface Props {
  view: FindingListView;
  filter: FindingListInput;
}

/** What should be mended or decided over all hosts: by kind with counts, and one by one. */
export function FleetFindings({ view, filter }: Props) {
  const router = useRouter();
  const { kinds, all, total, rows, coverage } = view;
  const isFiltered = [filter.q, filter.host, filter.code, filter.severity].some((value) => value !== "");
  if (all === 0 && !isFiltered)
    return coverage.neverRead + coverage.refused >= coverage.hosts ? (
      <EmptyState
        icon={KeyRound}
        title="Nothing read yet"
        actions={<ButtonLink href="/hosts">Go to Hosts</ButtonLink>}
      >
        Findings come from what is read on hosts. A host is read by itself after its first contact; at once
        with <em>Read who can log in</em> on its page <em>Access</em>.
      </EmptyState>
    ) : (
      <div className="grid grid-cols-1 gap-4">
        <FleetNotices coverage={coverage} />
        <EmptyState icon={CircleCheck} title="Nothing found">
          No host that was read has anything to mend about who can log in.
        </EmptyState>
      </div>
    );
  return (
    <div className="grid grid-cols-1 gap-4">
      <FleetNotices coverage={coverage} />
      <div className="flex flex-wrap items-center gap-2">
        <ListSearch label="Account, key, file, host" value={filter.q} className="sm:max-w-72" />
        <ListSearch label="Host, web-*" name="host" value={filter.host} className="sm:max-w-48" />
        <Select
          aria-label="Severity"
          value={filter.severity}
          onChange={(event) =>
            router.replace(findingAddress(filter, { severity: severityOf(event.target.value), page: 1 }), {
              scroll: false,
            })
          }
        >
          <option value="">Any severity</option>
          <option value="high">High</option>
          <option value="medium">Medium</option>
          <option value="low">Low</option>
        </Select>
        {isFiltered && (
          <Link href="/access/findings" scroll={false} prefetch={false} className="link px-1 text-xs">
            Clear all
          </Link>
        )}
      </div>
      {kinds.length > 0 && (
        <Table label="Findings by kind">
          <TableHead>
            <ColumnHead>Kind</ColumnHead>
            <ColumnHead>Severity</ColumnHead>
            <ColumnHead className="text-right">Findings</ColumnHead>
            <ColumnHead className="text-right">Hosts</ColumnHead>
          </TableHead>
          <tbody>
            {kinds.map((kind) => {
              const chosen = kind.code === filter.code;
              return (
                <TableRow key={kind.code} aria-selected={chosen || undefined}>
                  <Cell>
                    <Link
                      href={findingAddress(filter, { code: chosen ? "" : kind.code, page: 1 })}
                      scroll={false}
                      prefetch={false}
                      aria-current={chosen ? "true" : undefined}
                      className="block py-1.5 font-medium hover:underline hover:underline-offset-3"
                    >
                      {findingTitle(kind.code)}
                    </Link>
                  </Cell>
                  <Cell>
                    <Status tone={severityTone[kind.severity]}>{severityWords[kind.severity]}</Status>
                  </Cell>
                  <Cell className="text-right tabular-nums">{grouped(kind.count)}</Cell>
                  <Cell className="text-right tabular-nums text-ink-soft">{grouped(kind.hosts)}</Cell>
                </TableRow>
              );
            })}
          </tbody>
        </Table>
      )}
      <p className="text-xs text-ink-faint" role="status">
        {total === all
          ? count(all, "finding", "findings")
          : `${grouped(total)} of ${count(all, "finding", "findings")}`}
      </p>
      {rows.length > 0 ? (
        <div>
          <FindingList rows={rows} withHost />
          <Pagination
            page={view.page}
            perPage={view.perPage}
            total={total}
            noun="findings"
            hrefOf={(page) => findingAddress(filter, { page })}
          />
        </div>
      ) : (
        <EmptyState
          icon={SearchX}
          title="Nothing fits"
          actions={<ButtonLink href="/access/findings">Clear all filters</ButtonLink>}
        >
          {count(all, "finding is", "findings are")} hidden by the filters.
        </EmptyState>
      )}
    </div>
  );
}

/** The address of the list with something changed; what is at its default is left out. */
function findingAddress(filter: FindingListInput, change: Partial<FindingListInput>): string {
  const { page, q, host, code, severity } = { ...filter, ...change };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ q, host, code, severity }))
    if (value !== "") query.set(name, value);
  if (page > 1) query.set("page", String(page));
  return query.size > 0 ? `/access/findings?${query}` : "/access/findings";
}

function severityOf(value: string): FindingListInput["severity"] {
  return value === "high" || value === "medium" || value === "low" ? value : "";
}
