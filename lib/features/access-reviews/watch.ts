import { appendActivity } from "@/lib/db/activity";
import { type Db, prisma } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { blindnessOf } from "@/lib/features/access-reviews/gap";
import type { AccessRevocation } from "@/lib/generated/prisma/client";

/** Hosts that one round looks at: the next begins a minute later. */
const mostHosts = 200;

/** Milliseconds: a host with thousands of revoked ways on a busy machine. */
const patience = { timeout: 60_000 };

/** Marks the campaigns that are open after their due date, once each, in the activity too. */
export async function markOverdue(now: Date): Promise<void> {
  await prisma().$transaction(async (db) => {
    const late = await db.accessReview.updateManyAndReturn({
      where: { closedAt: null, overdueAt: null, dueAt: { lt: now } },
      data: { overdueAt: now },
      select: { id: true, name: true, dueAt: true },
    });
    if (late.length === 0) return;
    await appendEvent(db, { topic: "reviews", kind: "overdue", data: {} });
    for (const { id, name, dueAt } of late)
      await appendActivity(db, {
        at: now,
        actor: { id: null, name: "Gatehouse" },
        address: "",
        action: "review.overdue",
        outcome: "done",
        target: { type: "review", id, name },
        detail: { dueAt: dueAt.toISOString() },
      });
  });
}

/** Looks at every host that was read since: are the ways that were revoked there gone? */
export async function watchRevocations(): Promise<void> {
  const due = await prisma().$queryRaw<{ hostId: string }[]>`
    SELECT v."hostId" FROM "AccessRevocation" v JOIN "AccessReading" r ON r."hostId" = v."hostId"
    WHERE r."readAt" IS NOT NULL AND (v."lookedAt" IS NULL OR r."readAt" > v."lookedAt")
    GROUP BY v."hostId" ORDER BY min(v."revokedAt") LIMIT ${mostHosts}`;
  for (const { hostId } of due) await watchHost(hostId);
}

/** What one reading shows of one revoked way. */
type Sight = { kind: "there"; isChanged: boolean } | { kind: "gone" } | { kind: "doubt"; why: string };

async function watchHost(hostId: string): Promise<void> {
  // One snapshot of the database: ways and the reading that they are from belong together.
  const seen = await prisma().$transaction((db) => look(db, hostId), {
    isolationLevel: "RepeatableRead",
    ...patience,
  });
  if (!seen) return;
  const { readAt, sights } = seen;
  await prisma().$transaction(async (db) => {
    let news = 0;
    for (const { revocation, sight } of sights) {
      const { reviewId, number, lookedAt, revokedAt } = revocation;
      // Not what was revoked anew, or looked at by another worker, meanwhile.
      const where = { reviewId, number, lookedAt, revokedAt };
      const data = { lookedAt: readAt, ...written(revocation, sight, readAt) };
      news += (await db.accessRevocation.updateMany({ where, data })).count;
    }
    if (news > 0) await appendEvent(db, { topic: "reviews", kind: "looked", data: {} });
  }, patience);
}

function written({ goneAt, backAt }: AccessRevocation, sight: Sight, readAt: Date) {
  if (sight.kind === "doubt") return { doubt: sight.why };
  if (sight.kind === "gone") return { goneAt: goneAt ?? readAt, doubt: null };
  return {
    thereAt: readAt,
    isChanged: sight.isChanged,
    goneAt: null,
    backAt: goneAt ? readAt : backAt,
    doubt: null,
  };
}

type Look = Pick<Db, "accessReading" | "accessRevocation" | "accessReviewItem" | "accessPath">;

async function look(db: Look, hostId: string) {
  const reading = await db.accessReading.findUnique({ where: { hostId }, omit: { facts: true } });
  if (!reading?.readAt) return undefined;
  const { readAt } = reading;
  const revocations = await db.accessRevocation.findMany({
    where: { hostId, OR: [{ lookedAt: null }, { lookedAt: { lt: readAt } }] },
  });
  const reviewIds = [...new Set(revocations.map(({ reviewId }) => reviewId))];
  const items = await db.accessReviewItem.findMany({
    where: { hostId, reviewId: { in: reviewIds } },
    select: {
      reviewId: true,
      number: true,
      pathId: true,
      account: true,
      fingerprints: true,
      methods: true,
    },
  });
  const ways = await db.accessPath.findMany({
    where: { hostId, goneAt: null, account: { in: [...new Set(items.map(({ account }) => account))] } },
    select: { id: true, account: true, fingerprints: true, methods: true },
  });
  const blind = blindnessOf(reading);
  return {
    readAt,
    sights: revocations.flatMap((revocation) => {
      const item = items.find(
        ({ reviewId, number }) => reviewId === revocation.reviewId && number === revocation.number,
      );
      if (!item) return [];
      const reviewed = items.filter(({ reviewId }) => reviewId === revocation.reviewId);
      return [{ revocation, sight: sightOf(item, reviewed, ways, blind) }];
    }),
  };
}

export interface KnownWay {
  readonly account: string;
  readonly fingerprints: readonly string[];
  readonly methods: string;
}

/**
 * Whether a revoked way is still there.
 *
 * The very way, or one that was not reviewed and opens the same account by the same key (the same methods, where there is
 * no key): then the way has only changed its form. A way that was reviewed by itself is no such form of another one.
 *
 * @param blind why a way that is not known may be there all the same
 */
export function sightOf(
  item: KnownWay & { readonly pathId: string },
  reviewed: readonly { readonly pathId: string }[],
  ways: readonly (KnownWay & { readonly id: string })[],
  blind: string | null,
): Sight {
  if (ways.some(({ id }) => id === item.pathId)) return { kind: "there", isChanged: false };
  const own = new Set(reviewed.map(({ pathId }) => pathId));
  if (ways.some((way) => !own.has(way.id) && isSameSubject(item, way)))
    return { kind: "there", isChanged: true };
  return blind === null ? { kind: "gone" } : { kind: "doubt", why: blind };
}

/** The same account by one of the same keys; without keys, by the same methods. */
export function isSameSubject(one: KnownWay, other: KnownWay): boolean {
  if (one.account !== other.account) return false;
  if (one.fingerprints.length === 0) return other.fingerprints.length === 0 && one.methods === other.methods;
  return one.fingerprints.some((print) => other.fingerprints.includes(print));
}
