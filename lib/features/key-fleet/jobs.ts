import { prisma } from "@/lib/db/client";
import { enqueueDrive } from "@/lib/features/access/wake-key-fleet";
import { driveHost } from "@/lib/features/key-fleet/drive";
import type { JobHandlers } from "@/lib/jobs/handlers";

/** What the worker does for batches of keys. */
export const keyFleetJobs: JobHandlers<"key-fleet.drive" | "key-fleet.sweep"> = {
  "key-fleet.drive": ({ hostId }) => driveHost(hostId),

  async "key-fleet.sweep"() {
    // What waits for a person is not looked at: nothing but his act moves it on.
    const hosts = await prisma().keyBatchHost.findMany({
      where: {
        endedAt: null,
        OR: [
          { state: { in: ["reading", "planning", "applying", "waiting"] } },
          { confirmedAt: { not: null }, state: { not: "refused" } },
          { batch: { cancelledAt: { not: null } } },
        ],
      },
      distinct: ["hostId"],
      select: { hostId: true },
    });
    await prisma().$transaction(
      async (db) => {
        for (const { hostId } of hosts) await enqueueDrive(db, hostId);
      },
      { timeout: 30_000 },
    );
  },
};
