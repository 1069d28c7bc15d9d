import type { Db } from "@/lib/db/client";
import { SessionLock } from "@/lib/db/session-lock";

/**
 * How we know that a worker process lives: it says so every few seconds, and it holds a lock of its own.
 *
 * A killed process loses its connections, and with them the lock: others see it at once and give back what it held. A
 * frozen one keeps the lock and is given up by the clock. (graphile by itself waits four hours.)
 */

export const beatSeconds = 5;
/** Without its lock and silent for so long: dead. Longer than a beat, so that a lost connection can come back. */
const lostAfterSeconds = 8;
/**
 * With its lock, but silent. Shorter: a worker that the machine froze for a moment loses its jobs while it still runs
 * them. Longer: a change whose worker hangs waits. Jobs must bear being run twice at once all the same: they compare
 * and set.
 */
export const deadAfterSeconds = 30;
/** After PostgreSQL has started, every worker needs a moment to take its lock again. */
const restartGraceSeconds = 20;
/** Any number: the class of our advisory locks on workers. */
const lockClass = 0x67617465;

/** The lock that a worker holds as long as it lives. */
export function lifelineOf(databaseUrl: string, workerId: string): SessionLock {
  return new SessionLock(databaseUrl, lockClass, workerId);
}

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
    DELETE FROM "Worker" w
    WHERE "seenAt" < now() - make_interval(secs => ${deadAfterSeconds})
      OR "seenAt" < now() - make_interval(secs => ${lostAfterSeconds})
        AND pg_postmaster_start_time() < now() - make_interval(secs => ${restartGraceSeconds})
        AND NOT EXISTS (
          SELECT FROM pg_locks l
          WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND l.classid = ${lockClass}::bigint::oid AND l.objid = (hashtext(w.id)::bigint & 4294967295)::oid
        )`;
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
