import type { Db } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import {
  groupedBy,
  inState,
  isReviewerOf,
  itemTexts,
  narrowedTo,
  wordsIn,
} from "@/lib/features/access-reviews/items-sql";
import { readReviews } from "@/lib/features/access-reviews/list-reviews";
import { countItems, readItems } from "@/lib/features/access-reviews/read-items";
import {
  mostItems,
  NoInput,
  PreviewReviewInput,
  ReviewInput,
  RevocationFilter,
  ScopeInput,
} from "@/lib/features/access-reviews/schema";
import { accountsIn, regexOf } from "@/lib/features/access-reviews/scope";
import { countScope } from "@/lib/features/access-reviews/snapshot";
import type {
  MyReview,
  ReviewChoices,
  ReviewHostView,
  ReviewListView,
  ReviewPreview,
  ReviewView,
  RevocationListView,
} from "@/lib/features/access-reviews/views";
import { Prisma } from "@/lib/generated/prisma/client";
import { can } from "@/lib/policy/permissions";
import { query } from "@/lib/usecase";

/** More in one page is slower to draw than to turn over. */
const perPage = 50;
/** Time that reviewers have unless somebody says otherwise. */
const usualDays = 14;

/** Every campaign with its counts. */
export const listReviews = query({
  name: "review.list",
  permission: "review:read",
  input: NoInput,
  async run(_, { db, actor, now }): Promise<ReviewListView> {
    const [rows, revokedOpen] = await Promise.all([
      readReviews(db, { personId: actor.personId, now }),
      db.accessRevocation.count({ where: { goneAt: null } }),
    ]);
    return { rows, revokedOpen };
  },
});

/** What waits for the actor as a reviewer; nothing for who is none. */
export const listMyReviews = query({
  name: "review.mine",
  permission: "signed-in",
  input: NoInput,
  async run(_, { db, actor, now }): Promise<MyReview[]> {
    if (!can(actor.role, "review:decide")) return [];
    const rows = await db.$queryRaw<
      { id: string; name: string; dueAt: Date; undecided: bigint; mine: bigint }[]
    >`
      SELECT w.id, w.name, w."dueAt", count(*) FILTER (WHERE i.decision IS NULL) AS undecided, count(*) AS mine
      FROM "AccessReview" w
      JOIN "AccessReviewer" m ON m."reviewId" = w.id AND m."personId" = ${actor.personId}::uuid
      JOIN "AccessReviewItem" i ON i."reviewId" = w.id AND i."hostId" = m."hostId"
      WHERE w."closedAt" IS NULL GROUP BY w.id HAVING count(*) FILTER (WHERE i.decision IS NULL) > 0
      ORDER BY w."dueAt", w.id`;
    return rows.map(({ id, name, dueAt, undecided, mine }) => ({
      id,
      name,
      dueAt: dueAt.toISOString(),
      isOverdue: dueAt < now,
      undecided: Number(undecided),
      mine: Number(mine),
    }));
  },
});

/** One campaign with one page of its ways. */
export const getReview = query({
  name: "review.get",
  permission: "review:read",
  input: ReviewInput,
  async run({ reviewId, ...filter }, { db, actor, now }): Promise<ReviewView> {
    const { personId } = actor;
    const [[row], review] = await Promise.all([
      readReviews(db, { personId, reviewId, now }),
      db.accessReview.findUnique({
        where: { id: reviewId },
        select: { snapshotSha256: true, evidenceSha256: true, closeReason: true },
      }),
    ]);
    if (!row || !review) throw new AppError("not_found", "There is no such review.");
    const narrowed = narrowedTo(reviewId, filter);
    const where = Prisma.sql`${narrowed} AND ${inState(filter, personId)}`;
    const [items, fitting, fittingMine, hostRows, people] = await Promise.all([
      readItems(db, personId, {
        where,
        order: groupedBy(filter.group),
        limit: perPage,
        offset: (filter.page - 1) * perPage,
      }),
      countItems(db, where),
      row.closedAt || !can(actor.role, "review:decide")
        ? 0
        : countItems(db, Prisma.sql`${narrowed} AND i.decision IS NULL AND ${isReviewerOf(personId)}`),
      readHosts(db, reviewId),
      db.$queryRaw<{ id: string; name: string }[]>`
        SELECT DISTINCT "personId"::text AS id, "personName" AS name FROM "AccessReviewItem"
        WHERE "reviewId" = ${reviewId}::uuid AND "personId" IS NOT NULL ORDER BY name`,
    ]);
    const mayDecide = can(actor.role, "review:decide") && row.closedAt === null;
    return {
      ...row,
      ...review,
      hostRows,
      people,
      fitting,
      fittingMine,
      page: filter.page,
      perPage,
      rows: items.map(({ view }) => ({ ...view, isMine: view.isMine && mayDecide })),
    };
  },
});

async function readHosts(db: Db, reviewId: string): Promise<ReviewHostView[]> {
  const rows = await db.$queryRaw<
    (Omit<ReviewHostView, "readAt" | "undecided" | "reviewers"> & {
      readAt: Date | null;
      undecided: bigint;
      reviewers: string[] | null;
    })[]
  >`
    SELECT c."hostId", c."hostName", c."readAt", c.gap, c.ways,
      (SELECT count(*) FROM "AccessReviewItem" i WHERE i."reviewId" = c."reviewId" AND i."hostId" = c."hostId"
        AND i.decision IS NULL) AS undecided,
      (SELECT array_agg(p."personName" ORDER BY p."personName") FROM "AccessReviewer" p
        WHERE p."reviewId" = c."reviewId" AND p."hostId" = c."hostId") AS reviewers
    FROM "AccessReviewHost" c WHERE c."reviewId" = ${reviewId}::uuid ORDER BY lower(c."hostName"), c."hostId"`;
  return rows.map((row) => ({
    ...row,
    readAt: row.readAt?.toISOString() ?? null,
    undecided: Number(row.undecided),
    reviewers: row.reviewers ?? [],
  }));
}

/** What a campaign of this scope would freeze now. */
export const previewReview = query({
  name: "review.preview",
  permission: "review:manage",
  input: PreviewReviewInput,
  async run(input, { db, now }): Promise<ReviewPreview> {
    const { scope, accounts } = scopeIn(input.scope, input.accounts);
    const hosts = await countScope(db, scope, regexOf(accounts), now);
    return {
      hosts: hosts.length,
      ways: hosts.reduce((sum, host) => sum + host.ways, 0),
      gaps: hosts.flatMap(({ hostName, gap }) => (gap === null ? [] : [{ hostName, gap }])),
      mostItems,
    };
  },
});

function scopeIn(scope: string, accounts: string) {
  try {
    return ScopeInput.parse({ scope: JSON.parse(scope), accounts: accountsIn(accounts) });
  } catch (cause) {
    throw new AppError("invalid", "scope: all hosts, a tag, or hosts; accounts by name.", { cause });
  }
}

/** Of whom and what a campaign can be made. */
export const listReviewChoices = query({
  name: "review.choices",
  permission: "review:manage",
  input: NoInput,
  async run(_, { db, now }): Promise<ReviewChoices> {
    const [people, hosts] = await Promise.all([
      db.person.findMany({
        where: { disabledAt: null },
        select: { id: true, name: true, role: true },
        orderBy: [{ name: "asc" }, { id: "asc" }],
      }),
      db.host.findMany({
        where: { state: { not: "archived" } },
        select: { id: true, name: true, tags: true },
        orderBy: { name: "asc" },
      }),
    ]);
    return {
      people: people.filter(({ role }) => can(role, "review:decide")),
      hosts,
      tags: [...new Set(hosts.flatMap(({ tags }) => tags))].sort(),
      dueDay: new Date(now.getTime() + usualDays * 86_400_000).toISOString().slice(0, 10),
    };
  },
});

/** Every revoked way as a to-do, whatever the campaign: what is still there, and what a reading proved gone. */
export const listRevocations = query({
  name: "review.revocations",
  permission: "review:read",
  input: RevocationFilter,
  async run({ q, state, page }, { db, actor }): Promise<RevocationListView> {
    const words = wordsIn(q, itemTexts);
    const base = Prisma.join([Prisma.sql`i.decision = 'revoke'`, ...words], " AND ");
    const isOpen = Prisma.sql`${base} AND v."goneAt" IS NULL`;
    const isGone = Prisma.sql`${base} AND v."goneAt" IS NOT NULL`;
    const where = { open: isOpen, gone: isGone, "": base }[state];
    const [items, open, gone] = await Promise.all([
      readItems(db, actor.personId, {
        where,
        order: Prisma.sql`v."goneAt" DESC NULLS FIRST, v."revokedAt", i."reviewId", i.number`,
        limit: perPage,
        offset: (page - 1) * perPage,
      }),
      countItems(db, isOpen),
      countItems(db, isGone),
    ]);
    const reviews = await db.accessReview.findMany({
      where: { id: { in: items.map(({ reviewId }) => reviewId) } },
      select: { id: true, name: true },
    });
    const names = new Map(reviews.map(({ id, name }) => [id, name]));
    return {
      rows: items.map(({ view, reviewId, revocation }) => ({
        ...view,
        reviewId,
        reviewName: names.get(reviewId) ?? "",
        revokedAt: (revocation?.revokedAt ?? new Date(0)).toISOString(),
      })),
      total: { open, gone, "": open + gone }[state],
      open,
      gone,
      page,
      perPage,
    };
  },
});
