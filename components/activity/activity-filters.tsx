"use client";

import Link from "next/link";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { ListSearch } from "@/components/ui/list-search";
import { Select } from "@/components/ui/select";
import { outcomes } from "./outcome";

interface Props {
  q: string;
  action: string;
  outcome: string;
  /** Acts that stand in the activity. */
  actions: readonly string[];
  /** More narrows the list than what is shown here: one host, one person. */
  filtered: boolean;
}

/** What narrows the activity down. All of it lives in the address. */
export function ActivityFilters({ q, action, outcome, actions, filtered }: Props) {
  const router = useRouter();
  const path = usePathname();
  const query = useSearchParams();

  function choose(name: string, value: string) {
    const next = new URLSearchParams(query);
    next.delete("before");
    if (value === "") next.delete(name);
    else next.set(name, value);
    router.replace(next.size > 0 ? `${path}?${next}` : path, { scroll: false });
  }
  return (
    <div className="flex flex-wrap items-center gap-2">
      <ListSearch label="Filter by person, act, target or address" value={q} className="sm:max-w-80" />
      <Select aria-label="Act" value={action} onChange={(event) => choose("action", event.target.value)}>
        <option value="">Any act</option>
        {actions.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </Select>
      <Select
        aria-label="Outcome"
        value={outcome}
        onChange={(event) => choose("outcome", event.target.value)}
      >
        <option value="">Any outcome</option>
        {Object.entries(outcomes).map(([value, { label }]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
      {filtered && (
        <Link href={path} scroll={false} className="link px-1 text-xs">
          Clear all
        </Link>
      )}
    </div>
  );
}
