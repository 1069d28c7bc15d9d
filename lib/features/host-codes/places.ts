import { managementAccount } from "@/lib/change/marker";
import type { Db, Transaction } from "@/lib/db/client";
import type { CodePlaceView } from "@/lib/features/host-codes/views";

/**
 * The accounts that are a person's: a grant lets him use them, or one of his proved keys gets in there by the last
 * reading. By host and account.
 */
export async function placesOf(db: Db | Transaction, personId: string, now: Date): Promise<CodePlaceView[]> {
  return db.$queryRaw<CodePlaceView[]>`
    SELECT h.id AS "hostId", h.name AS "hostName", x.account FROM "Host" h JOIN (
      SELECT h2.id, g.account FROM "AccountGrant" g
        JOIN "Host" h2 ON g."hostId" = h2.id OR g.tag = ANY (h2.tags)
        WHERE g."personId" = ${personId}::uuid AND g."revokedAt" IS NULL
          AND (g."endsAt" IS NULL OR g."endsAt" > ${now})
      UNION
      SELECT p."hostId", p.account FROM "PersonKey" k
        JOIN "AccessPath" p ON p.fingerprints @> ARRAY[k.fingerprint]
        WHERE k."personId" = ${personId}::uuid AND k."provedAt" IS NOT NULL AND k."removedAt" IS NULL
          AND p."goneAt" IS NULL AND (p."expiresAt" IS NULL OR p."expiresAt" > ${now})
    ) x ON x.id = h.id
    WHERE h.state IN ('managed', 'key_changed') AND x.account <> ${managementAccount}
    ORDER BY h.name, x.account`;
}

/**
 * Who else gets in to an account by a key, by the last reading, and would be asked for the person's code: an account has
 * one. Nobody where somebody answers for letting it in by key alone. Also where nobody is asked yet: the same state file is
 * asked for with the next step.
 *
 * @returns names; a key that nobody has proved to be his stands by its fingerprint
 */
export async function othersWithKeys(
  db: Db | Transaction,
  personId: string,
  { hostId, account }: { hostId: string; account: string },
  now: Date,
): Promise<string[]> {
  const except = { hostId, account, revokedAt: null, endsAt: { gt: now } };
  if ((await db.twoFactorException.count({ where: except })) > 0) return [];
  const others = await db.$queryRaw<{ name: string }[]>`
    SELECT DISTINCT coalesce(o.name, 'a key that nobody has proved to be his' ||
      coalesce(' (' || print || ')', '')) AS name
    FROM "AccessPath" p
      LEFT JOIN LATERAL unnest(p.fingerprints) AS print ON true
      LEFT JOIN "PersonKey" k ON k.fingerprint = print AND k."removedAt" IS NULL AND k."provedAt" IS NOT NULL
      LEFT JOIN "Person" o ON o.id = k."personId"
    WHERE p."hostId" = ${hostId}::uuid AND p.account = ${account} AND p."goneAt" IS NULL
      AND (p."expiresAt" IS NULL OR p."expiresAt" > ${now})
      AND 'publickey' = ANY (string_to_array(p.methods, ','))
      AND (o.id IS NULL OR (o.id <> ${personId}::uuid AND o."disabledAt" IS NULL))
    ORDER BY 1`;
  return others.map(({ name }) => name);
}
