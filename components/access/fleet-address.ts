import type { FleetAccessInput } from "@/lib/features/access/schema";

const defaults = {
  q: "",
  host: "",
  account: "",
  person: "",
  method: "",
  factors: "",
  by: "",
  sort: "host",
  direction: "ascending",
  page: 1,
  perPage: 50,
} as const satisfies Partial<FleetAccessInput>;

/** Parameters that may stand several times. */
export const fleetLists = ["tag", "is", "open"] as const;

/** The oldest goes: more than the filter takes would leave none of them. */
const mostValues = 10;

const filters = ["q", "host", "account", "person", "method", "factors"] as const;

/**
 * The address of the list with something changed. What is at its default is left out, so that addresses stay short.
 *
 * A change of what is shown begins at its first page; another grouping opens none of its groups.
 *
 * @param base the page, or an export of the same list
 */
export function fleetAddress(
  filter: FleetAccessInput,
  change: Partial<FleetAccessInput> = {},
  base = "/access",
): string {
  const regroups = change.by !== undefined && change.by !== filter.by;
  const next = {
    ...filter,
    ...(change.page === undefined && change.open === undefined && { page: 1 }),
    ...(regroups && { open: [] }),
    ...change,
  };
  const query = new URLSearchParams();
  for (const [name, byDefault] of Object.entries(defaults)) {
    const value = next[name as keyof typeof defaults];
    if (value !== byDefault) query.set(name, String(value));
  }
  for (const name of fleetLists) for (const value of next[name]) query.append(name, value);
  const text = query.toString();
  if (text === "") return base;
  return `${base}${base.includes("?") ? "&" : "?"}${text}`;
}

/** The same list with nothing filtered. */
export function clearedAddress(filter: FleetAccessInput): string {
  return fleetAddress(filter, {
    q: "",
    host: "",
    account: "",
    person: "",
    method: "",
    factors: "",
    tag: [],
    is: [],
    open: [],
    page: 1,
  });
}

/** The list sorted by a column: the other way round when it is already. */
export function fleetSortAddress(filter: FleetAccessInput, sort: FleetAccessInput["sort"]): string {
  const turn = filter.sort === sort && filter.direction === "ascending";
  return fleetAddress(filter, { sort, direction: turn ? "descending" : "ascending" });
}

/** The list with one way explained beside it. */
export function wayAddress(filter: FleetAccessInput, way: { hostId: string; id: string }): string {
  const address = fleetAddress(filter, { page: filter.page });
  return `${address}${address.includes("?") ? "&" : "?"}way=${way.hostId}.${way.id}`;
}

/** The list with, or without, a value of one that may stand several times. */
export function toggled<Name extends (typeof fleetLists)[number]>(
  filter: FleetAccessInput,
  name: Name,
  value: FleetAccessInput[Name][number],
): string {
  const before: readonly string[] = filter[name];
  const after = before.includes(value)
    ? before.filter((one) => one !== value)
    : [...before, value].slice(-mostValues);
  return fleetAddress(filter, { [name]: after });
}

/** Whether the list shows less than everything. */
export function isFleetFiltered(filter: FleetAccessInput): boolean {
  return filters.some((name) => filter[name] !== "") || filter.tag.length > 0 || filter.is.length > 0;
}
