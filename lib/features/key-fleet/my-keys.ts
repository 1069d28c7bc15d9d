import type { KeyUsesView } from "@/lib/features/key-fleet/views";
import { NoInput } from "@/lib/features/people/schema";
import { query } from "@/lib/usecase";

/** Accounts that are shown; the count is of all. */
const mostRows = 200;

interface UseRecord {
  fingerprint: string;
  keyName: string;
  hostName: string;
  account: string;
  lastUsedAt: Date | null;
  needsMore: boolean;
  forcedCommand: string | null;
  expiresAt: Date | null;
  total: bigint;
}

/** Where one's own keys log in, by the last readings; and where a grant wants one and none stands yet. */
export const listMyKeyUses = query({
  name: "keys.uses",
  permission: "signed-in",
  input: NoInput,
  async run(_, { actor, db, now }): Promise<KeyUsesView> {
    const [uses, granted] = await Promise.all([
      db.$queryRaw<UseRecord[]>`
        SELECT k.fingerprint, k.name AS "keyName", h.name AS "hostName", p.account,
          max(p."lastUsedAt") AS "lastUsedAt", bool_and(p.factors > 1) AS "needsMore",
          CASE WHEN bool_and(p."forcedCommand" IS NOT NULL) THEN min(p."forcedCommand") END AS "forcedCommand",
          CASE WHEN bool_and(p."expiresAt" IS NOT NULL) THEN max(p."expiresAt") END AS "expiresAt",
          count(*) OVER () AS total
        FROM "PersonKey" k
        JOIN "AccessPath" p ON p.fingerprints && ARRAY[k.fingerprint] AND p."goneAt" IS NULL
          AND (p."expiresAt" IS NULL OR p."expiresAt" > ${now})
        JOIN "Host" h ON h.id = p."hostId" AND h.state <> 'archived'
        WHERE k."personId" = ${actor.personId}::uuid AND k."removedAt" IS NULL AND k."provedAt" IS NOT NULL
        GROUP BY k.id, k.fingerprint, k.name, h.id, h.name, p.account
        ORDER BY lower(k.name), k.id, lower(h.name), h.id, p.account LIMIT ${mostRows}`,
      db.$queryRaw<{ hostName: string; account: string }[]>`
        SELECT DISTINCT h.name AS "hostName", g.account FROM "AccountGrant" g
        JOIN "Host" h ON h.state <> 'archived' AND (h.id = g."hostId" OR g.tag = ANY (h.tags))
        WHERE g."personId" = ${actor.personId}::uuid AND g."revokedAt" IS NULL
          AND (g."endsAt" IS NULL OR g."endsAt" > ${now})
          AND NOT EXISTS (
            SELECT 1 FROM "FoundKey" f JOIN "PersonKey" k ON k.fingerprint = f.fingerprint
            WHERE f."hostId" = h.id AND f.account = g.account AND f."goneAt" IS NULL AND NOT f."isAuthority"
              AND k."personId" = g."personId" AND k."removedAt" IS NULL AND k."provedAt" IS NOT NULL)
        ORDER BY 1, 2 LIMIT ${mostRows}`,
    ]);
    return {
      uses: uses.map(({ total: _total, lastUsedAt, expiresAt, ...use }) => ({
        ...use,
        lastUsedAt: lastUsedAt?.toISOString() ?? null,
        expiresAt: expiresAt?.toISOString() ?? null,
      })),
      total: Number(uses[0]?.total ?? 0),
      notPlaced: granted,
    };
  },
});
