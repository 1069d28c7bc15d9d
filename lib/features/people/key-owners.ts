import type { KeyOwner } from "@/lib/access/who-can-log-in";
import type { Db, Transaction } from "@/lib/db/client";

/**
 * Everybody with the fingerprints of his keys, for lib/access.
 *
 * Only proved keys count: a public key is public, and whoever pastes somebody else's must not be taken for him. Who was
 * disabled has left; his keys stay his, so that a host on which they still open something is found.
 */
export async function listKeyOwners(db: Db | Transaction): Promise<KeyOwner[]> {
  const people = await db.person.findMany({
    where: { keys: { some: counted } },
    select: {
      id: true,
      name: true,
      disabledAt: true,
      keys: { where: counted, select: { fingerprint: true } },
    },
    orderBy: [{ name: "asc" }, { id: "asc" }],
  });
  return people.map(({ id, name, disabledAt, keys }) => ({
    id,
    name,
    fingerprints: keys.map(({ fingerprint }) => fingerprint),
    hasLeft: disabledAt !== null,
  }));
}

const counted = { removedAt: null, provedAt: { not: null } };
