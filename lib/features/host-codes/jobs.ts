import { now } from "@/lib/clock";
import { prisma } from "@/lib/db/client";
import { enqueueDrive } from "@/lib/features/host-codes/acts";
import { driveCode } from "@/lib/features/host-codes/drive";
import { mendForeign } from "@/lib/features/host-codes/mend-foreign";
import { readHostCodesNow } from "@/lib/features/host-codes/read";
import { enqueue, hostQueue } from "@/lib/jobs/enqueue";
import type { JobHandlers } from "@/lib/jobs/handlers";

/** Hosts are read again after so long: people are warned of their last scratch codes, and readiness is told by it. */
const sweepHours = 6;
/** Hosts that one sweep begins at most. */
const mostAtOnce = 500;

/** What the worker does for one-time codes on hosts. */
export const hostCodeJobs: JobHandlers<
  "host-code.drive" | "host-code.mend-foreign" | "host-code.read" | "host-code.sweep" | "host-code.follow"
> = {
  "host-code.drive": ({ placementId }, context) => driveCode(placementId, context),

  "host-code.mend-foreign": ({ hostId, account }, context) => mendForeign(hostId, account, context),

  "host-code.read": ({ hostId }, context) => readHostCodesNow(hostId, context),

  async "host-code.sweep"() {
    const before = new Date(now().getTime() - sweepHours * 3_600_000);
    const due = await prisma().$queryRaw<{ id: string }[]>`
      SELECT h.id FROM "Host" h LEFT JOIN "HostCodeReading" r ON r."hostId" = h.id
      WHERE h.state = 'managed' AND h.reachable IS DISTINCT FROM false
        AND (greatest(r."readAt", r."failedAt") IS NULL OR greatest(r."readAt", r."failedAt") < ${before})
      ORDER BY r."readAt" NULLS FIRST LIMIT ${mostAtOnce}`;
    await prisma().$transaction(async (db) => {
      for (const { id } of due)
        await enqueue(
          db,
          "host-code.read",
          { hostId: id },
          { jobKey: `host-code.read:${id}`, queue: hostQueue(id), priority: 10, attempts: 1 },
        );
    });
  },

  async "host-code.follow"() {
    const open = await prisma().hostCodePlacement.findMany({
      where: {
        ...{ act: "remove", state: "waiting", endedAt: null },
        host: { state: "managed", OR: [{ reachable: true }, { reachable: null }] },
      },
      select: { id: true, hostId: true },
      take: mostAtOnce,
    });
    await prisma().$transaction(async (db) => {
      for (const { id, hostId } of open) await enqueueDrive(db, { id, hostId });
    });
  },
};
