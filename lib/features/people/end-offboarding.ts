import type { Transaction } from "@/lib/db/client";
import { enqueueEach } from "@/lib/jobs/enqueue";

/**
 * Ends what still removes a person's keys from hosts: whoever is let back in keeps what stands there. A change that is on its
 * way goes to its end.
 *
 * @returns how many hosts it had not come to the end on
 */
export async function endOffboarding(db: Transaction, personId: string, now: Date): Promise<number> {
  const open = await db.keyBatchHost.findMany({
    where: { endedAt: null, batch: { kind: "offboard", personId, cancelledAt: null } },
    select: { hostId: true, batchId: true },
  });
  await db.keyBatch.updateMany({
    where: { id: { in: open.map(({ batchId }) => batchId) }, cancelledAt: null },
    data: { cancelledAt: now },
  });
  const payloads = open.map(({ hostId }) => ({ hostId }));
  if (open.length > 0) await enqueueEach(db, "key-fleet.drive", payloads, { priority: 5 });
  return open.length;
}
