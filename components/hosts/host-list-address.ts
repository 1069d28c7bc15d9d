import type { HostListFilter } from "@/lib/features/hosts/schema";

const defaults: Omit<HostListFilter, "tag"> = {
  q: "",
  state: "",
  sort: "name",
  direction: "ascending",
  page: 1,
  perPage: 50,
};

/**
 * The address of the list with something changed. What is at its default is left out, so that addresses stay short.
 *
 * A change of what is shown begins at its first page.
 *
 * @param base the page, or an export of the same list
 */
export function hostListAddress(
  filter: HostListFilter,
  change: Partial<HostListFilter> = {},
  base = "/hosts",
): string {
  const next = { ...filter, ...(change.page === undefined && { page: 1 }), ...change };
  const query = new URLSearchParams();
  for (const [name, byDefault] of Object.entries(defaults)) {
    const value = next[name as keyof typeof defaults];
    if (value !== byDefault) query.set(name, String(value));
  }
  for (const tag of next.tag) query.append("tag", tag);
  const text = query.toString();
  if (text === "") return base;
  return `${base}${base.includes("?") ? "&" : "?"}${text}`;
}

/** The list sorted by a column: the other way round when it is already. */
export function sortAddress(filter: HostListFilter, sort: HostListFilter["sort"]): string {
  const turn = filter.sort === sort && filter.direction === "ascending";
  return hostListAddress(filter, { sort, direction: turn ? "descending" : "ascending" });
}

/** Whether the list shows less than everything. */
export function isFiltered(filter: HostListFilter): boolean {
  return filter.q !== "" || filter.state !== "" || filter.tag.length > 0;
}
