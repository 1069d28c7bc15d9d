import type { Db } from "@/lib/db/client";
import { staleHours } from "@/lib/features/access/freshness";
import type { FleetCoverage } from "@/lib/features/access/views";
import { Prisma } from "@/lib/generated/prisma/client";

/** How much is known of the fleet: hosts that were never read, not lately, not whole, or cannot be judged. */
export async function coverageOf(db: Db, now: Date): Promise<FleetCoverage> {
  const staleSince = new Date(now.getTime() - staleHours * 3_600_000);
  const silent = Prisma.sql`(r."readAt" IS NULL OR r.refused IS NOT NULL)`;
  const [counts, names] = await Promise.all([
    db.$queryRaw<Record<"hosts" | "neverRead" | "refused" | "stale" | "incomplete", bigint>[]>`
      SELECT count(*) AS hosts, count(*) FILTER (WHERE r."readAt" IS NULL) AS "neverRead",
        count(*) FILTER (WHERE r.refused IS NOT NULL) AS refused,
        count(*) FILTER (WHERE r."readAt" < ${staleSince} OR r."failedAt" > r."readAt") AS stale,
        count(*) FILTER (WHERE r."notDerived" IS NOT NULL OR r."pathsLeftOut" > 0 OR r.cuts > 0
          OR NOT r."isConsistent") AS incomplete
      FROM "Host" h LEFT JOIN "AccessReading" r ON r."hostId" = h.id WHERE h.state <> 'archived'`,
    db.$queryRaw<{ name: string }[]>`
      SELECT h.name FROM "Host" h LEFT JOIN "AccessReading" r ON r."hostId" = h.id
      WHERE h.state <> 'archived' AND ${silent} ORDER BY lower(h.name) LIMIT 10`,
  ]);
  const found = counts[0];
  return {
    hosts: Number(found?.hosts ?? 0),
    neverRead: Number(found?.neverRead ?? 0),
    refused: Number(found?.refused ?? 0),
    stale: Number(found?.stale ?? 0),
    incomplete: Number(found?.incomplete ?? 0),
    names: names.map(({ name }) => name),
  };
}
