"use client";

import Link from "next/link";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { ListSearch } from "@/components/ui/list-search";
import { Select } from "@/components/ui/select";
import { methodWords } from "@/lib/access/method-words";

export interface AccessFilterValues {
  q: string;
  factors: string;
  method: string;
}

/** What narrows the ways in down. All of it lives in the address. */
export function AccessFilters({
  filter,
  methods,
}: {
  filter: AccessFilterValues;
  methods: readonly string[];
}) {
  const router = useRouter();
  const path = usePathname();
  const query = useSearchParams();

  function choose(name: string, value: string) {
    const next = new URLSearchParams(query);
    if (value === "") next.delete(name);
    else next.set(name, value);
    router.replace(next.size > 0 ? `${path}?${next}` : path, { scroll: false });
  }
  return (
    <div className="flex flex-wrap items-center gap-2">
      <ListSearch
        label="Filter by account, key, person or address"
        value={filter.q}
        className="sm:max-w-80"
      />
      <Select
        aria-label="Factors"
        value={filter.factors}
        onChange={(event) => choose("factors", event.target.value)}
      >
        <option value="">Any factors</option>
        <option value="one">One factor</option>
        <option value="more">Two or more factors</option>
      </Select>
      <Select
        aria-label="Methods"
        value={filter.method}
        onChange={(event) => choose("method", event.target.value)}
      >
        <option value="">Any method</option>
        {methods.map((method) => (
          <option key={method} value={method}>
            {methodWords(method)}
          </option>
        ))}
      </Select>
      {Object.values(filter).some((value) => value !== "") && (
        <Link href={path} scroll={false} className="link px-1 text-xs">
          Clear all
        </Link>
      )}
    </div>
  );
}
