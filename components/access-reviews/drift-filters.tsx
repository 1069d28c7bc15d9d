import { Chip } from "@/components/ui/chip";
import { ListSearch } from "@/components/ui/list-search";
import type { DriftFilter } from "@/lib/features/access-reviews/schema";
import type { DriftView } from "@/lib/features/access-reviews/views";

const kinds = [
  ["looser", "Easier to get in"],
  ["appeared", "New"],
  ["changed", "Changed"],
  ["vanished", "Gone"],
] as const;

/** The address of the page with something of its filter changed; the page number goes. */
export function driftAddress(filter: DriftFilter, change: Partial<DriftFilter>): string {
  const { page, ...next } = { ...filter, page: 1, ...change };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(next)) if (value !== "") query.set(name, value);
  if (page > 1) query.set("page", String(page));
  return query.size > 0 ? `/access/reviews/since?${query}` : "/access/reviews/since";
}

/** What narrows the differences down. All of it lives in the address. */
export function DriftFilters({ filter, counts }: { filter: DriftFilter; counts: DriftView["counts"] }) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      <ListSearch label="Filter by account, host, key …" value={filter.q} className="sm:max-w-72" />
      {kinds.map(([kind, label]) => (
        <Chip
          key={kind}
          active={filter.kind === kind}
          count={counts[kind]}
          href={driftAddress(filter, { kind: filter.kind === kind ? "" : kind })}
        >
          {label}
        </Chip>
      ))}
      {filter.host !== "" && (
        <Chip active href={driftAddress(filter, { host: "" })}>
          One host
        </Chip>
      )}
    </div>
  );
}
