"use client";

import Link from "next/link";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { ListSearch } from "@/components/ui/list-search";
import { Select } from "@/components/ui/select";
import type { ReviewFilter } from "@/lib/features/access-reviews/schema";
import type { ReviewView } from "@/lib/features/access-reviews/views";

interface Props {
  filter: ReviewFilter;
  review: Pick<ReviewView, "hostRows" | "people" | "closedAt">;
  /** Whether the viewer decides about anything here. */
  isReviewer: boolean;
}

const states = [
  ["", "Any decision"],
  ["undecided", "Undecided"],
  ["confirm", "Confirmed"],
  ["revoke", "Revoked"],
  ["open", "Revoked, not gone"],
  ["gone", "Revoked, gone"],
] as const;

/** What narrows a campaign's ways down. All of it lives in the address. */
export function ReviewFilters({ filter, review, isReviewer }: Props) {
  const router = useRouter();
  const path = usePathname();
  const query = useSearchParams();
  const { group, page: _, ...narrowing } = filter;

  function choose(name: string, value: string) {
    const next = new URLSearchParams(query);
    next.delete("page");
    if (value === "") next.delete(name);
    else next.set(name, value);
    router.replace(next.size > 0 ? `${path}?${next}` : path, { scroll: false });
  }
  return (
    <div className="flex flex-wrap items-center gap-2">
      <ListSearch label="Filter by account, host, key …" value={filter.q} className="sm:max-w-60" />
      <Select
        aria-label="Decision"
        value={filter.state}
        onChange={(event) => choose("state", event.target.value)}
      >
        {states.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
      {review.hostRows.length > 1 && (
        <Select
          aria-label="Host"
          className="max-w-44"
          value={filter.host}
          onChange={(event) => choose("host", event.target.value)}
        >
          <option value="">Any host</option>
          {review.hostRows.map(({ hostId, hostName, undecided }) => (
            <option key={hostId} value={hostId}>
              {hostName}
              {undecided > 0 && ` (${undecided})`}
            </option>
          ))}
        </Select>
      )}
      <Select
        aria-label="Person"
        className="max-w-44"
        value={filter.person}
        onChange={(event) => choose("person", event.target.value)}
      >
        <option value="">Any person</option>
        <option value="nobody">Nobody’s keys</option>
        {review.people.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
      {isReviewer && (
        <Select
          aria-label="Whose"
          value={filter.mine}
          onChange={(event) => choose("mine", event.target.value)}
        >
          <option value="">Anybody’s to decide</option>
          <option value="yes">Mine to decide</option>
        </Select>
      )}
      <Select
        aria-label="Group by"
        value={group}
        onChange={(event) => choose("group", event.target.value === "host" ? "" : event.target.value)}
      >
        <option value="host">By host</option>
        <option value="person">By person</option>
        <option value="account">By account</option>
      </Select>
      {filter.account !== "" && <span className="text-xs text-ink-soft">account {filter.account}</span>}
      {Object.values(narrowing).some((value) => value !== "") && (
        <Link href={path} scroll={false} className="link px-1 text-xs">
          Clear all
        </Link>
      )}
    </div>
  );
}
