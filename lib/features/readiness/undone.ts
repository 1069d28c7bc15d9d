import type { Db, Transaction } from "@/lib/db/client";
import { topBegin } from "@/lib/two-factor/sshd-step";

/**
 * Hosts on which the second factor that was kept last is no longer in sshd's configuration, by the newest texts: PAM may
 * still know the codes, but sshd asks nobody for them.
 *
 * @param hostIds undefined: of all
 */
export async function findUndone(
  db: Db | Transaction,
  hostIds?: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await db.$queryRaw<{ hostId: string }[]>`
    SELECT k."hostId" FROM (
      SELECT DISTINCT ON (c."hostId") c."hostId", c."twoFactor" FROM "Change" c
      WHERE c.kind = 'two-factor' AND c.state = 'confirmed'
        AND (${hostIds === undefined} OR c."hostId" = ANY (${[...(hostIds ?? [])]}::uuid[]))
      ORDER BY c."hostId", c."endedAt" DESC
    ) k
    WHERE k."twoFactor"->>'step' <> 'off'
      AND EXISTS (SELECT FROM "ConfigFile" f WHERE f."hostId" = k."hostId" AND f."goneAt" IS NULL)
      AND NOT EXISTS (
        SELECT FROM "ConfigFile" f JOIN LATERAL (
          SELECT v.content FROM "ConfigVersion" v WHERE v."fileId" = f.id ORDER BY v.number DESC LIMIT 1
        ) newest ON true
        WHERE f."hostId" = k."hostId" AND f."goneAt" IS NULL AND position(${topBegin} IN newest.content) > 0)`;
  return new Set(rows.map(({ hostId }) => hostId));
}
