import type { Db } from "@/lib/db/client";
import { itemView } from "@/lib/features/access-reviews/item-view";
import { isReviewerOf } from "@/lib/features/access-reviews/items-sql";
import type { ReviewItemView } from "@/lib/features/access-reviews/views";
import { type AccessRevocation, Prisma } from "@/lib/generated/prisma/client";

/** The page of a list: which rows, in which order. */
export interface Portion {
  /** A condition on "AccessReviewItem" i and its "AccessRevocation" v. */
  where: Prisma.Sql;
  order: Prisma.Sql;
  limit: number;
  offset: number;
}

interface Found {
  reviewId: string;
  number: number;
  isMine: boolean;
  isHostGone: boolean;
}

/** An item as pages show it, and the revocation behind it. */
export interface FoundItem {
  view: ReviewItemView;
  reviewId: string;
  revocation: AccessRevocation | null;
}

/** Items of one page, in its order. */
export async function readItems(db: Db, personId: string, portion: Portion): Promise<FoundItem[]> {
  const found = await db.$queryRaw<Found[]>`
    SELECT i."reviewId", i.number, ${isReviewerOf(personId)} AS "isMine",
      NOT EXISTS (SELECT FROM "Host" h WHERE h.id = i."hostId") AS "isHostGone"
    FROM "AccessReviewItem" i
    LEFT JOIN "AccessRevocation" v ON v."reviewId" = i."reviewId" AND v.number = i.number
    WHERE ${portion.where} ORDER BY ${portion.order} LIMIT ${portion.limit} OFFSET ${portion.offset}`;
  if (found.length === 0) return [];
  const reviewIds = [...new Set(found.map(({ reviewId }) => reviewId))];
  const where = {
    OR: reviewIds.map((reviewId) => ({ reviewId, number: { in: numbersOf(found, reviewId) } })),
  };
  const [items, revocations] = await Promise.all([
    db.accessReviewItem.findMany({ where }),
    db.accessRevocation.findMany({ where }),
  ]);
  const itemById = new Map(items.map((item) => [idOf(item), item]));
  const revocationById = new Map(revocations.map((row) => [idOf(row), row]));
  return found.flatMap(({ isMine, isHostGone, ...key }) => {
    const item = itemById.get(idOf(key));
    if (!item) return [];
    const revocation = revocationById.get(idOf(key)) ?? null;
    return [
      { reviewId: key.reviewId, revocation, view: itemView({ ...item, isMine, isHostGone, revocation }) },
    ];
  });
}

/** How many fit. */
export async function countItems(db: Db, where: Prisma.Sql): Promise<number> {
  const [row] = await db.$queryRaw<{ count: bigint }[]>(Prisma.sql`
    SELECT count(*) AS count FROM "AccessReviewItem" i
    LEFT JOIN "AccessRevocation" v ON v."reviewId" = i."reviewId" AND v.number = i.number WHERE ${where}`);
  return Number(row?.count ?? 0);
}

const idOf = ({ reviewId, number }: { reviewId: string; number: number }) => `${reviewId} ${number}`;

function numbersOf(found: readonly Found[], reviewId: string): number[] {
  return found.filter((row) => row.reviewId === reviewId).map(({ number }) => number);
}
