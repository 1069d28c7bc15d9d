import type { ReviewFilter } from "@/lib/features/access-reviews/schema";
import { Prisma } from "@/lib/generated/prisma/client";

/** What a person filters by that is no state: what "decide all" may say too. */
export type Narrowing = Pick<ReviewFilter, "q" | "host" | "account" | "person">;

/** Words that narrow a list down, as conditions on the columns; each word must stand in one of them. */
export function wordsIn(q: string, columns: readonly Prisma.Sql[]): Prisma.Sql[] {
  return q
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 10)
    .map((word) => {
      const pattern = `%${word.replace(/[\\%_]/g, "\\$&")}%`;
      return Prisma.sql`(${Prisma.join(
        columns.map((column) => Prisma.sql`${column} ILIKE ${pattern}`),
        " OR ",
      )})`;
    });
}

/** What is searched in an item "i". */
export const itemTexts = [
  Prisma.sql`i."hostName"`,
  Prisma.sql`i.account`,
  Prisma.sql`i.subject`,
  Prisma.sql`i.comment`,
  Prisma.sql`i."personName"`,
  Prisma.sql`array_to_string(i."from", ' ')`,
];

/** The items "i" of a campaign that a person narrows down to. */
export function narrowedTo(reviewId: string, filter: Narrowing): Prisma.Sql {
  const parts = [Prisma.sql`i."reviewId" = ${reviewId}::uuid`, ...wordsIn(filter.q, itemTexts)];
  if (filter.host !== "") parts.push(Prisma.sql`i."hostId" = ${filter.host}::uuid`);
  if (filter.account !== "") parts.push(Prisma.sql`i.account = ${filter.account}`);
  if (filter.person === "nobody")
    parts.push(Prisma.sql`i."personId" IS NULL AND cardinality(i.fingerprints) > 0`);
  else if (filter.person !== "") parts.push(Prisma.sql`i."personId" = ${filter.person}::uuid`);
  return Prisma.join(parts, " AND ");
}

/** The person decides about item "i". */
export function isReviewerOf(personId: string): Prisma.Sql {
  return Prisma.sql`EXISTS (SELECT FROM "AccessReviewer" w
    WHERE w."reviewId" = i."reviewId" AND w."hostId" = i."hostId" AND w."personId" = ${personId}::uuid)`;
}

/** Item "i" with its revocation "v" in the state that the filter asks for. */
export function inState(filter: Pick<ReviewFilter, "state" | "mine">, personId: string): Prisma.Sql {
  const states: Record<ReviewFilter["state"], Prisma.Sql> = {
    "": Prisma.sql`true`,
    undecided: Prisma.sql`i.decision IS NULL`,
    confirm: Prisma.sql`i.decision = 'confirm'`,
    revoke: Prisma.sql`i.decision = 'revoke'`,
    open: Prisma.sql`i.decision = 'revoke' AND v."goneAt" IS NULL`,
    gone: Prisma.sql`i.decision = 'revoke' AND v."goneAt" IS NOT NULL`,
  };
  return filter.mine === "yes"
    ? Prisma.sql`${states[filter.state]} AND ${isReviewerOf(personId)}`
    : states[filter.state];
}

const groups: Record<ReviewFilter["group"], Prisma.Sql> = {
  host: Prisma.sql`i.number`,
  person: Prisma.sql`lower(i."personName") NULLS LAST, i.number`,
  account: Prisma.sql`i.account, i.number`,
};

/** Items of one group stand together; two never change places between two pages. */
export function groupedBy(group: ReviewFilter["group"]): Prisma.Sql {
  return groups[group];
}
