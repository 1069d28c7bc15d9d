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
    ) x ON x.id = h.id
    WHERE h.state IN ('managed', 'key_changed') AND x.account <> ${managementAccount}
    ORDER BY h.name, x.account`;
}
