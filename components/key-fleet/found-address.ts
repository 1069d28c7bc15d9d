import type { FoundKeysInput } from "@/lib/features/key-fleet/schema";

/** The address of the list with something changed; what is at its default is left out. */
export function foundAddress(filter: FoundKeysInput, change: Partial<FoundKeysInput>): string {
  const { page, owner, sort, ...rest } = { ...filter, ...change };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(rest)) if (value !== "") query.set(name, value);
  if (owner !== "nobody") query.set("owner", owner);
  if (sort !== "places") query.set("sort", sort);
  if (page > 1) query.set("page", String(page));
  return query.size > 0 ? `/access/keys?${query}` : "/access/keys";
}

/** The page of one key. A fingerprint may have a slash in it, so it is no part of a path. */
export function keyAddress(fingerprint: string): string {
  return `/access/keys/one?${new URLSearchParams({ fingerprint })}`;
}
