import type { FleetReadinessInput } from "@/lib/features/readiness/schema";

/** The address of the list with something changed; what is at its default is left out. */
export function fleetAddress(filter: FleetReadinessInput, change: Partial<FleetReadinessInput>): string {
  const { q, tag, state, sort, page } = { ...filter, ...change };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ q, tag, state })) if (value !== "") query.set(name, value);
  if (sort !== "missing") query.set("sort", sort);
  if (page > 1) query.set("page", String(page));
  return query.size > 0 ? `/access/two-factor?${query}` : "/access/two-factor";
}
