import { KeyRound, SearchX, Server } from "lucide-react";
import Link from "next/link";
import { ButtonLink } from "@/components/ui/button";
import { classNames } from "@/components/ui/class-names";
import { EmptyState } from "@/components/ui/empty-state";
import { Pagination } from "@/components/ui/pagination";
import type { FleetAccessInput } from "@/lib/features/access/schema";
import type { FleetAccessView } from "@/lib/features/access/views";
import { count, grouped } from "./access-words";
import { clearedAddress, fleetAddress, isFleetFiltered } from "./fleet-address";
import { FleetFilters } from "./fleet-filters";
import { FleetGroups } from "./fleet-groups";
import { FleetNotices } from "./fleet-notices";
import { FleetTable } from "./fleet-table";

interface Props {
  view: FleetAccessView;
  filter: FleetAccessInput;
}

const groupings = [
  { by: "", label: "Every way" },
  { by: "person", label: "By person" },
  { by: "host", label: "By host" },
  { by: "account", label: "By account" },
] as const;

/** Who can log in on the fleet: filters, counts, and the ways one by one or grouped. */
export function FleetAccess({ view, filter }: Props) {
  const { coverage, all, total, listed, page, perPage } = view;
  if (coverage.hosts === 0)
    return (
      <EmptyState
        icon={Server}
        title="No hosts yet"
        actions={<ButtonLink href="/hosts">Go to Hosts</ButtonLink>}
      >
        Add the first server; as soon as it answers, its accounts, keys and configuration are read, and who
        can log in appears here.
      </EmptyState>
    );
  if (all === 0 && coverage.neverRead === coverage.hosts)
    return (
      <EmptyState
        icon={KeyRound}
        title="Nothing read yet"
        actions={<ButtonLink href="/hosts">Go to Hosts</ButtonLink>}
      >
        {count(coverage.hosts, "host has", "hosts have")} not been read. A host is read by itself after its
        first contact; at once with <em>Read who can log in</em> on its page <em>Access</em>.
      </EmptyState>
    );
  const noun = filter.by === "" ? "ways" : filter.by === "person" ? "people" : `${filter.by}s`;
  return (
    <div className="grid grid-cols-1 gap-4">
      <FleetNotices coverage={coverage} />
      <FleetFilters view={view} filter={filter} />
      <div className="grid grid-cols-1">
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 pb-2">
          <p className="text-xs text-ink-faint" role="status">
            {total === all && !isFleetFiltered(filter)
              ? count(all, "way in", "ways in")
              : `${grouped(total)} of ${count(all, "way in", "ways in")}`}
            {filter.by !== "" && `, ${grouped(listed)} ${listed === 1 ? singular(filter.by) : noun}`}
          </p>
          <nav aria-label="Grouping">
            <ul className="flex rounded-md border border-line-strong bg-surface p-px">
              {groupings.map(({ by, label }) => (
                <li key={by}>
                  <Link
                    href={fleetAddress(filter, { by, page: 1 })}
                    scroll={false}
                    prefetch={false}
                    aria-current={filter.by === by ? "true" : undefined}
                    className={classNames(
                      "flex h-7 items-center whitespace-nowrap rounded-sm px-2.5 text-xs transition-colors",
                      filter.by === by
                        ? "bg-pressed font-medium text-ink"
                        : "text-ink-soft hover:bg-hover hover:text-ink",
                    )}
                  >
                    {label}
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
        </div>
        {total === 0 ? (
          <EmptyState
            icon={SearchX}
            title={all === 0 ? "No way in" : "Nothing fits"}
            actions={all > 0 && <ButtonLink href={clearedAddress(filter)}>Clear all filters</ButtonLink>}
          >
            {all === 0
              ? "Nobody can log in on any host that was read."
              : `${count(all, "way in is", "ways in are")} hidden by the filters.`}
          </EmptyState>
        ) : (
          <>
            {view.groups ? (
              <FleetGroups groups={view.groups} filter={filter} />
            ) : (
              <FleetTable rows={view.rows ?? []} filter={filter} label="Ways in" />
            )}
            <Pagination
              page={page}
              perPage={perPage}
              total={listed}
              noun={noun}
              hrefOf={(to) => fleetAddress(filter, { page: to })}
            />
          </>
        )}
      </div>
    </div>
  );
}

const singular = (by: "host" | "account" | "person") => by;
