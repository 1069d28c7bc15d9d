import { randomUUID } from "node:crypto";
import { now } from "@/lib/clock";
import { prisma, type Sql, sql } from "@/lib/db/client";
import { driveKey } from "@/lib/features/changes/commands";
import { addJob } from "@/lib/jobs/enqueue";
import { log } from "@/lib/log";

/**
 * A driver that died is replaced after this long. Shorter: a pause of its process or of PostgreSQL makes two drivers
 * (harmless, since every act on the host is idempotent, but noisy). Longer: a change hangs without anybody asking.
 */
const leaseSeconds = 10;
const renewSeconds = 3;

/** The right to drive one change; nobody else drives it while it is held. */
export interface Lease {
  /** Lets go, and wakes a driver up again at `nextAt`; "ended": nobody has to, for nothing happens to it any more. */
  release(nextAt: Date | "ended" | undefined): Promise<void>;
}

/**
 * Takes the lease of a change, and renews it until it is released.
 *
 * From the first moment there is a waiting job that wakes up another driver shortly after the lease would run out: a
 * worker may be killed anywhere.
 *
 * @returns undefined when somebody else holds it; a driver is woken up when that one is due to end
 */
export async function takeLease(changeId: string): Promise<Lease | undefined> {
  const holder = randomUUID();
  if (!(await hold(changeId, holder))) {
    await prisma().$executeRaw`select ${wakeUp(changeId, leaseSeconds + 1)}`;
    return undefined;
  }
  const timer = setInterval(() => {
    hold(changeId, holder).catch((error) =>
      log.warn("The lease of a change could not be renewed", { changeId, error }),
    );
  }, renewSeconds * 1000);
  return {
    async release(nextAt) {
      clearInterval(timer);
      const then =
        nextAt === "ended"
          ? sql`graphile_worker.remove_job(${driveKey(changeId)}::text)`
          : nextAt && wakeUp(changeId, Math.max(0, (nextAt.getTime() - now().getTime()) / 1000));
      await prisma().$executeRaw`
        with freed as (
          update "Change" set "drivenBy" = null, "drivenUntil" = null
          where id = ${changeId}::uuid and "drivenBy" = ${holder} returning id
        )
        select ${then ?? sql`id from freed`}`;
    },
  };
}

/**
 * Takes or renews, and the wake-up with it: one statement, so one commit. The database's clock: workers on several machines
 * need not agree on the time.
 */
async function hold(changeId: string, holder: string): Promise<boolean> {
  const held = await prisma().$queryRaw<unknown[]>`
    with held as (
      update "Change" set "drivenBy" = ${holder}, "drivenUntil" = now() + make_interval(secs => ${leaseSeconds})
      where id = ${changeId}::uuid and ("drivenBy" = ${holder} or "drivenUntil" is null or "drivenUntil" < now())
      returning id
    )
    select (${wakeUp(changeId, leaseSeconds + 1)}).id from held`;
  return held.length > 0;
}

/** The call that adds one waiting job a change: a later one moves it. */
function wakeUp(changeId: string, seconds: number): Sql {
  const runAt = new Date(now().getTime() + seconds * 1000);
  return addJob("change.drive", { changeId }, { jobKey: driveKey(changeId), runAt });
}
