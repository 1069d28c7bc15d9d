import type { Transaction } from "@/lib/db/client";
import { enqueue } from "@/lib/jobs/enqueue";

/** Has the worker look at what batches of keys still want on a host; nothing where none does. */
export async function wakeKeyFleet(db: Transaction, hostId: string): Promise<void> {
  const open = await db.keyBatchHost.findFirst({ where: { hostId, endedAt: null }, select: { id: true } });
  if (open) await enqueueDrive(db, hostId);
}

/** One waiting job a host: asking twice is asking once. */
export async function enqueueDrive(db: Transaction, hostId: string, runAt?: Date): Promise<void> {
  await enqueue(
    db,
    "key-fleet.drive",
    { hostId },
    { jobKey: `key-fleet.drive:${hostId}`, priority: 5, ...(runAt && { runAt }) },
  );
}
