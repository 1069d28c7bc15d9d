import type { Db } from "@/lib/db/client";

/**
 * Worker processes tell the database every few seconds that they live. What a dead one held is given back, so that a
 * job begun by it begins again elsewhere within `deadAfterSeconds` and one beat (graphile alone waits four hours).
 */

export const beatSeconds = 5;
/**
 * Shorter: a worker that the machine froze for a moment loses its jobs while it still runs them. Longer: a change whose
 * worker died waits. Jobs must bear being run twice at once all the same: they compare and set.
 */
export const deadAfterSeconds = 30;

/** A worker that lives, as far as anybody can tell. */
export interface LiveWorker {
  readonly id: string;
  readonly boxPublicKey: Uint8Array;
}

/** The workers alive now, by the database's clock. Empty: nothing that needs a host can be done. */
export async function findLiveWorkers(db: Pick<Db, "$queryRaw">): Promise<LiveWorker[]> {
  return db.$queryRaw<LiveWorker[]>`
    SELECT id, "boxPublicKey" FROM "Worker"
    WHERE "seenAt" > now() - make_interval(secs => ${deadAfterSeconds}) ORDER BY "startedAt"`;
}

/**
 * Says that this worker lives.
 *
 * @returns false when others have declared it dead meanwhile: it must end, its jobs may be running elsewhere
 */
export async function beat(db: Pick<Db, "$executeRaw">, workerId: string): Promise<boolean> {
  return (await db.$executeRaw`UPDATE "Worker" SET "seenAt" = now() WHERE id = ${workerId}`) === 1;
}

/**
 * Gives back what workers hold that are dead, or that never came to register.
 *
 * @returns how many jobs were given back
 */
export async function recoverJobs(db: Pick<Db, "$executeRaw" | "$queryRaw">): Promise<number> {
  await db.$executeRaw`
    DELETE FROM "Worker" WHERE "seenAt" < now() - make_interval(secs => ${deadAfterSeconds})`;
  // The grace spares a pool that has taken its first job and is about to register.
  const held = await db.$queryRaw<{ lockedBy: string; jobs: bigint }[]>`
    SELECT locked_by AS "lockedBy", count(*) AS jobs FROM graphile_worker._private_jobs
    WHERE locked_by IS NOT NULL AND locked_at < now() - make_interval(secs => ${beatSeconds})
      AND locked_by NOT IN (SELECT unnest(pools) FROM "Worker")
    GROUP BY locked_by`;
  if (held.length === 0) return 0;
  const names = held.map((row) => row.lockedBy);
  await db.$executeRaw`SELECT graphile_worker.force_unlock_workers(${names}::text[])`;
  return held.reduce((sum, row) => sum + Number(row.jobs), 0);
}
