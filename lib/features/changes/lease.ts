import { randomUUID } from "node:crypto";
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

/** Why a driver stops for now. "ended": nothing happens to the change any more; "idle": whoever applies it wakes a driver up. */
export type Pause = "ended" | "idle" | { readonly state: string; readonly seconds: number };

/** The right to drive one change; nobody else drives it while it is held. */
export interface Lease {
  /**
   * Lets go, and wakes a driver up again as the pause says; at once when the change is no longer in the state that was
   * seen: somebody acted on it in this moment, and his own call must not be put off.
   */
  release(pause: Pause): Promise<void>;
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
    await prisma().$executeRaw`select ${wakeUp(changeId, sql`${leaseSeconds + 1}`)}`;
    return undefined;
  }
  const timer = setInterval(() => {
    hold(changeId, holder).catch((error) =>
      log.warn("The lease of a change could not be renewed", { changeId, error }),
    );
  }, renewSeconds * 1000);
  return {
    async release(pause) {
      clearInterval(timer);
      // Out of `freed`: so the change is locked first and the job then, as everybody does who acts on a change, and only
      // whoever still holds the lease says when the next driver comes.
      await prisma().$executeRaw`
        with freed as (
          update "Change" set "drivenBy" = null, "drivenUntil" = null
          where id = ${changeId}::uuid and "drivenBy" = ${holder} returning state
        )
        select ${next(changeId, pause)} from freed`;
    },
  };
}

/** What is to become of the waiting job, for a row with the change's `state` as it is now. */
function next(changeId: string, pause: Pause): Sql {
  if (pause === "idle") return sql`state`;
  if (pause === "ended") return sql`graphile_worker.remove_job(${driveKey(changeId)}::text)`;
  const { state, seconds } = pause;
  return wakeUp(changeId, sql`case when state = ${state} then ${Math.max(0, seconds)}::float else 0 end`);
}

/** Takes or renews, and the wake-up with it: one statement, so one commit. */
async function hold(changeId: string, holder: string): Promise<boolean> {
  const held = await prisma().$queryRaw<unknown[]>`
    with held as (
      update "Change" set "drivenBy" = ${holder}, "drivenUntil" = now() + make_interval(secs => ${leaseSeconds})
      where id = ${changeId}::uuid and ("drivenBy" = ${holder} or "drivenUntil" is null or "drivenUntil" < now())
      returning id
    )
    select (${wakeUp(changeId, sql`${leaseSeconds + 1}`)}).id from held`;
  return held.length > 0;
}

/**
 * The call that adds one waiting job a change: a later one moves it. By the database's clock, as the lease: workers on
 * several machines need not agree on the time.
 */
function wakeUp(changeId: string, seconds: Sql): Sql {
  const runAt = sql`now() + make_interval(secs => ${seconds})`;
  return addJob("change.drive", { changeId }, { jobKey: driveKey(changeId), runAt });
}
