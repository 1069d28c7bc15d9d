"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { Chip } from "@/components/ui/chip";
import { ListSearch } from "@/components/ui/list-search";
import { Select } from "@/components/ui/select";
import type { FoundKeysInput } from "@/lib/features/key-fleet/schema";
import type { FoundKeysView } from "@/lib/features/key-fleet/views";
import { foundAddress } from "./found-address";

const owners = [
  { owner: "nobody", label: "Nobody's" },
  { owner: "claimed", label: "Claimed, not proved" },
  { owner: "left", label: "Of people who left" },
  { owner: "owned", label: "Somebody's" },
] as const;

/** What narrows the keys on hosts down. All of it lives in the address. */
export function FoundFilters({ view, filter }: { view: FoundKeysView; filter: FoundKeysInput }) {
  const router = useRouter();
  const choose = (change: Partial<FoundKeysInput>) =>
    router.replace(foundAddress(filter, { ...change, page: 1 }), { scroll: false });
  const { q, host, account, tag, type, used } = filter;
  const isFiltered = [q, host, account, tag, type, used].some((value) => value !== "");
  return (
    <div className="grid gap-2.5">
      <div className="grid grid-cols-2 gap-2 sm:grid-cols-[minmax(0,2fr)_minmax(0,1fr)_minmax(0,1fr)]">
        <ListSearch
          label="Comment, fingerprint, person, anything"
          value={q}
          className="col-span-2 max-w-none sm:col-span-1"
        />
        <ListSearch label="Host, web-*" name="host" value={host} className="max-w-none" />
        <ListSearch label="Account, deploy*" name="account" value={account} className="max-w-none" />
      </div>
      <div className="grid grid-cols-2 items-center gap-2 sm:flex sm:flex-wrap">
        <Select aria-label="Tag" value={tag} onChange={(event) => choose({ tag: event.target.value })}>
          <option value="">Any tag</option>
          {withChosen(view.tags, tag).map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </Select>
        <Select aria-label="Type" value={type} onChange={(event) => choose({ type: event.target.value })}>
          <option value="">Any type</option>
          {withChosen(view.types, type).map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </Select>
        <Select
          aria-label="Last use"
          value={used}
          onChange={(event) => choose({ used: usedOf(event.target.value) })}
        >
          <option value="">Used at any time</option>
          <option value="recently">Used within 90 days</option>
          <option value="never">No use seen</option>
        </Select>
        <Select
          aria-label="Order"
          value={filter.sort}
          onChange={(event) => choose({ sort: sortOf(event.target.value) })}
        >
          <option value="places">Most places first</option>
          <option value="used">Last used first</option>
          <option value="seen">Newest first</option>
          <option value="comment">By comment</option>
        </Select>
        {isFiltered && (
          <Link
            href={foundAddress(
              { ...filter, q: "", host: "", account: "", tag: "", type: "", used: "" },
              { page: 1 },
            )}
            scroll={false}
            prefetch={false}
            className="link px-1 text-xs"
          >
            Clear all
          </Link>
        )}
      </div>
      <div className="flex flex-wrap items-center gap-1.5">
        {owners.map(({ owner, label }) => (
          <Chip
            key={owner}
            active={filter.owner === owner}
            count={view.counts[owner]}
            href={foundAddress(filter, { owner: filter.owner === owner ? "" : owner, page: 1 })}
          >
            {label}
          </Chip>
        ))}
      </div>
    </div>
  );
}

/** A choice of the address stays one, also when no host has it any more. */
function withChosen(known: readonly string[], chosen: string): readonly string[] {
  return chosen === "" || known.includes(chosen) ? known : [...known, chosen];
}

function usedOf(value: string): FoundKeysInput["used"] {
  return value === "recently" || value === "never" ? value : "";
}

function sortOf(value: string): FoundKeysInput["sort"] {
  return value === "used" || value === "seen" || value === "comment" ? value : "places";
}
