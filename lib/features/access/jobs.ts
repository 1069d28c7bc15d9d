import { now } from "@/lib/clock";
import { prisma } from "@/lib/db/client";
import { collectAccess, deriveAnew } from "@/lib/features/access/collect";
import { modelVersion } from "@/lib/features/access/derive";
import { retryHours, sweepHours } from "@/lib/features/access/freshness";
import { enqueue, hostQueue } from "@/lib/jobs/enqueue";
import type { JobHandlers } from "@/lib/jobs/handlers";

/** Readings that one sweep begins at most: 3,000 hosts are through within three hours and a half. */
const mostAtOnce = 150;
/** Hosts that one sweep derives anew at most, after the model has become another one. */
const mostDerivedAtOnce = 1000;
/** A sweep's readings are spread over so much of the ten minutes until the next. */
const spreadSeconds = 480;

/** What the worker does for access. */
export const accessJobs: JobHandlers<"access.collect" | "access.derive" | "access.sweep"> = {
  "access.collect": ({ hostId }, context) => collectAccess(hostId, context),

  "access.derive": ({ hostId }) => deriveAnew(hostId),

  async "access.sweep"() {
    const at = now().getTime();
    const day = new Date(at - sweepHours * 3_600_000);
    const retry = new Date(at - retryHours * 3_600_000);
    const due = await prisma().$queryRaw<{ id: string }[]>`
      SELECT h.id FROM "Host" h LEFT JOIN "AccessReading" a ON a."hostId" = h.id
      WHERE h.state = 'managed' AND h.reachable IS DISTINCT FROM false
        AND (a."readAt" IS NULL OR a."readAt" < ${day})
        AND (a."failedAt" IS NULL OR a."failedAt" < ${retry})
      ORDER BY a."readAt" NULLS FIRST LIMIT ${mostAtOnce}`;
    const old = await prisma().accessReading.findMany({
      where: { modelVersion: { lt: modelVersion }, facts: { not: null } },
      select: { hostId: true },
      take: mostDerivedAtOnce,
    });
    await prisma().$transaction(async (db) => {
      for (const { hostId } of old)
        await enqueue(
          db,
          "access.derive",
          { hostId },
          { jobKey: `access.derive:${hostId}`, queue: hostQueue(hostId), priority: 10, attempts: 2 },
        );
      for (const [index, { id }] of due.entries())
        await enqueue(
          db,
          "access.collect",
          { hostId: id },
          {
            jobKey: `access.collect:${id}`,
            queue: hostQueue(id),
            priority: 10,
            attempts: 1,
            runAt: new Date(at + (index * spreadSeconds * 1000) / due.length),
          },
        );
    });
  },
};
