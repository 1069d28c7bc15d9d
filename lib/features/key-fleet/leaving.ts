import type { Db, Transaction } from "@/lib/db/client";

/** Whose last way in it would be: an account on a host that, by the last readings, one person's keys alone open. */
export interface LoneAccount {
  hostId: string;
  hostName: string;
  account: string;
  isRoot: boolean;
}

/**
 * The fingerprints of everything that counts as a person's: keys that were proved, those that were taken out since too,
 * and claimed ones that are chosen. Not what is another person's today.
 */
export async function fingerprintsOf(
  db: Db | Transaction,
  personId: string,
  claimedKeyIds: readonly string[],
): Promise<string[]> {
  const keys = await db.personKey.findMany({
    where: { personId, OR: [{ provedAt: { not: null } }, { id: { in: [...claimedKeyIds] } }] },
    select: { fingerprint: true },
  });
  const own = [...new Set(keys.map(({ fingerprint }) => fingerprint))];
  const others = await db.personKey.findMany({
    where: {
      fingerprint: { in: own },
      personId: { not: personId },
      removedAt: null,
      provedAt: { not: null },
    },
    select: { fingerprint: true },
  });
  const theirs = new Set(others.map(({ fingerprint }) => fingerprint));
  return own.filter((fingerprint) => !theirs.has(fingerprint));
}

/** Accounts whose every way in needs one of these keys, by the last readings. */
export async function loneAccounts(
  db: Db | Transaction,
  fingerprints: readonly string[],
  now: Date,
): Promise<LoneAccount[]> {
  if (fingerprints.length === 0) return [];
  return db.$queryRaw<LoneAccount[]>`
    SELECT p."hostId", h.name AS "hostName", p.account, bool_or(p.uid = 0) AS "isRoot"
    FROM "AccessPath" p JOIN "Host" h ON h.id = p."hostId" AND h.state <> 'archived'
    WHERE p."goneAt" IS NULL AND (p."expiresAt" IS NULL OR p."expiresAt" > ${now})
      AND EXISTS (
        SELECT 1 FROM "AccessPath" own WHERE own."hostId" = p."hostId" AND own.account = p.account
          AND own."goneAt" IS NULL AND own.fingerprints && ${[...fingerprints]}::text[])
    GROUP BY p."hostId", h.name, p.account
    HAVING bool_and(p.fingerprints && ${[...fingerprints]}::text[])
    ORDER BY lower(h.name), p.account`;
}
