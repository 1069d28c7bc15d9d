import { now } from "@/lib/clock";
import { prisma } from "@/lib/db/client";
import { forgetSignIns } from "@/lib/db/forget";

/** Pages that were asleep for longer read everything again; no event is replayed to them. */
const eventHours = 24;

/** Forgets events that nobody replays any more, what sign-in has left behind, and the queues of removed hosts. */
export async function tidy(): Promise<void> {
  const db = prisma();
  await forgetSignIns(db, now());
  await db.$executeRaw`DELETE FROM "Event" WHERE "createdAt" < now() - make_interval(hours => ${eventHours})`;
  await db.$executeRaw`
    DELETE FROM graphile_worker._private_jobs
    WHERE attempts = max_attempts AND locked_at IS NULL AND updated_at < now() - interval '7 days'`;
  // Only of hosts that are gone: a queue that somebody is about to use must not vanish under him.
  await db.$executeRaw`
    DELETE FROM graphile_worker._private_job_queues q
    WHERE locked_at IS NULL AND queue_name LIKE 'host:%'
      AND NOT EXISTS (SELECT FROM "Host" h WHERE 'host:' || h.id = q.queue_name)
      AND NOT EXISTS (SELECT FROM graphile_worker._private_jobs j WHERE j.job_queue_id = q.id)`;
}
