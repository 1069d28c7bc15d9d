import type { Db } from "@/lib/db/client";
import { ReviewScope } from "@/lib/features/access-reviews/schema";
import type { ReviewRow } from "@/lib/features/access-reviews/views";
import { Prisma } from "@/lib/generated/prisma/client";

interface ReviewRecord {
  id: string;
  name: string;
  scope: unknown;
  accounts: string[];
  openedAt: Date;
  openedByName: string;
  dueAt: Date;
  overdueAt: Date | null;
  closedAt: Date | null;
  closedByName: string | null;
  hosts: bigint;
  reviewers: string[] | null;
  items: bigint;
  undecided: bigint;
  confirmed: bigint;
  revoked: bigint;
  revokedOpen: bigint;
  mine: bigint;
}

/** Campaigns with their counts: open ones first, what is due soonest on top; then the newest closed. */
export async function readReviews(
  db: Db,
  { personId, reviewId, now }: { personId: string; reviewId?: string; now: Date },
): Promise<ReviewRow[]> {
  const which = reviewId ? Prisma.sql`w.id = ${reviewId}::uuid` : Prisma.sql`true`;
  const records = await db.$queryRaw<ReviewRecord[]>`
    SELECT w.id, w.name, w.scope, w.accounts, w."openedAt", w."openedByName", w."dueAt", w."overdueAt", w."closedAt",
      w."closedByName", n.*,
      (SELECT count(*) FROM "AccessReviewHost" c WHERE c."reviewId" = w.id) AS hosts,
      (SELECT array_agg(DISTINCT p."personName" ORDER BY p."personName") FROM "AccessReviewer" p
        WHERE p."reviewId" = w.id) AS reviewers
    FROM "AccessReview" w CROSS JOIN LATERAL (
      SELECT count(*) AS items, count(*) FILTER (WHERE i.decision IS NULL) AS undecided,
        count(*) FILTER (WHERE i.decision = 'confirm') AS confirmed,
        count(*) FILTER (WHERE i.decision = 'revoke') AS revoked,
        count(*) FILTER (WHERE i.decision = 'revoke' AND v."goneAt" IS NULL) AS "revokedOpen",
        count(*) FILTER (WHERE i.decision IS NULL AND w."closedAt" IS NULL AND m."personId" IS NOT NULL) AS mine
      FROM "AccessReviewItem" i
      LEFT JOIN "AccessRevocation" v ON v."reviewId" = i."reviewId" AND v.number = i.number
      LEFT JOIN "AccessReviewer" m ON m."reviewId" = i."reviewId" AND m."hostId" = i."hostId"
        AND m."personId" = ${personId}::uuid
      WHERE i."reviewId" = w.id
    ) n WHERE ${which}
    ORDER BY w."closedAt" DESC NULLS FIRST, w."dueAt", w.id LIMIT 500`;
  return records.map((record) => ({
    id: record.id,
    name: record.name,
    scope: ReviewScope.parse(record.scope),
    accounts: record.accounts,
    hosts: Number(record.hosts),
    openedAt: record.openedAt.toISOString(),
    openedByName: record.openedByName,
    dueAt: record.dueAt.toISOString(),
    closedAt: record.closedAt?.toISOString() ?? null,
    closedByName: record.closedByName,
    // The worker writes it down; until it has, the clock tells the same.
    isOverdue: record.closedAt === null && (record.overdueAt !== null || record.dueAt < now),
    counts: {
      items: Number(record.items),
      undecided: Number(record.undecided),
      confirmed: Number(record.confirmed),
      revoked: Number(record.revoked),
      revokedOpen: Number(record.revokedOpen),
    },
    reviewers: record.reviewers ?? [],
    mine: Number(record.mine),
  }));
}
