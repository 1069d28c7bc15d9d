import type { Db } from "@/lib/db/client";

/** How long ended sessions and invitations are kept: for whoever looks back at a bad week. */
const endedDays = 30;

/** Forgets what sign-in has left behind: counters whose window has ended, steps that nobody answered, ended sessions. */
export async function forgetSignIns(db: Db, now: Date): Promise<void> {
  const longAgo = new Date(now.getTime() - endedDays * 24 * 3_600_000);
  await db.throttle.deleteMany({ where: { windowEndsAt: { lt: now } } });
  await db.challenge.deleteMany({ where: { expiresAt: { lt: now } } });
  await db.session.deleteMany({
    where: { OR: [{ endsAt: { lt: longAgo } }, { revokedAt: { lt: longAgo } }] },
  });
  await db.invitation.deleteMany({ where: { expiresAt: { lt: longAgo } } });
}
