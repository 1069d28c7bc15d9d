import { unusedAfterDays } from "@/lib/access/account-findings";
import { managementAccount } from "@/lib/change/marker";
import { literal, nameCondition } from "@/lib/features/access/fleet-sql";
import type { FoundKeysInput } from "@/lib/features/key-fleet/schema";
import { Prisma } from "@/lib/generated/prisma/client";

// Statements by hand: every line of every host, grouped by key, with filters, counts and pages.

/** Lines that are there by the last readings, with their hosts and whoever is said to own the key; never our own. */
export const lines = Prisma.sql`
  "FoundKey" f
  JOIN "Host" h ON h.id = f."hostId" AND h.state <> 'archived'
  LEFT JOIN "PersonKey" k ON k.fingerprint = f.fingerprint AND k."removedAt" IS NULL
  LEFT JOIN "Person" o ON o.id = k."personId"`;

const isThere = Prisma.sql`f."goneAt" IS NULL AND f.account <> ${managementAccount}`;

/** One condition for each kind of owner. */
export const ownerConditions: Record<Exclude<FoundKeysInput["owner"], "">, Prisma.Sql> = {
  nobody: Prisma.sql`o.id IS NULL`,
  claimed: Prisma.sql`(o.id IS NOT NULL AND k."provedAt" IS NULL AND o."disabledAt" IS NULL)`,
  owned: Prisma.sql`(o.id IS NOT NULL AND k."provedAt" IS NOT NULL AND o."disabledAt" IS NULL)`,
  left: Prisma.sql`(o.id IS NOT NULL AND o."disabledAt" IS NOT NULL)`,
};

/** What somebody filters by, as a condition on `lines`, without whose it is. */
export function whereOf({ q, host, account, tag, type }: FoundKeysInput): Prisma.Sql {
  const parts = [isThere];
  for (const word of q.split(/\s+/).filter(Boolean).slice(0, 10)) {
    const pattern = `%${literal(word)}%`;
    parts.push(Prisma.sql`(f.comment ILIKE ${pattern} OR f.fingerprint ILIKE ${pattern} OR f.account ILIKE ${pattern}
      OR h.name ILIKE ${pattern} OR o.name ILIKE ${pattern})`);
  }
  if (host !== "") parts.push(nameCondition(Prisma.sql`h.name`, host));
  if (account !== "") parts.push(nameCondition(Prisma.sql`f.account`, account));
  if (tag !== "") parts.push(Prisma.sql`h.tags @> ${[tag]}::text[]`);
  if (type !== "") parts.push(Prisma.sql`f.type = ${type}`);
  return Prisma.join(parts, " AND ");
}

export function ownedBy(owner: FoundKeysInput["owner"]): Prisma.Sql {
  return owner === "" ? Prisma.sql`true` : ownerConditions[owner];
}

/** When it was last used, as a condition on a whole key. */
export function usedCondition(used: FoundKeysInput["used"], now: Date): Prisma.Sql {
  const since = new Date(now.getTime() - unusedAfterDays * 86_400_000);
  if (used === "recently") return Prisma.sql`max(f."lastUsedAt") >= ${since}`;
  if (used === "never") return Prisma.sql`max(f."lastUsedAt") IS NULL`;
  return Prisma.sql`true`;
}

/** What a row of the list shows of a key. */
export const keyColumns = Prisma.sql`
  f.fingerprint, min(f.type) AS type,
  (array_agg(f.comment ORDER BY f."lastUsedAt" DESC NULLS LAST, h.name, f.line))[1] AS comment,
  count(DISTINCT f.comment) AS comments, count(*) AS lines, count(DISTINCT f."hostId") AS hosts,
  (array_agg(DISTINCT f.account))[1:5] AS accounts, count(DISTINCT f.account) AS "accountCount",
  count(*) FILTER (WHERE f.account = 'root') AS root, bool_or(f."isAuthority") AS "isAuthority",
  max(f."lastUsedAt") AS "lastUsedAt", min(f."firstSeenAt") AS "firstSeenAt",
  min(o.id::text) AS "ownerId", min(o.name) AS "ownerName", bool_or(k."provedAt" IS NOT NULL) AS "isProved",
  bool_or(o."disabledAt" IS NOT NULL) AS "hasLeft"`;

/** The order, complete: two keys never change places between two pages. */
export const orders: Record<FoundKeysInput["sort"], Prisma.Sql> = {
  places: Prisma.sql`count(*) DESC, f.fingerprint`,
  used: Prisma.sql`max(f."lastUsedAt") DESC NULLS LAST, f.fingerprint`,
  seen: Prisma.sql`min(f."firstSeenAt") DESC, f.fingerprint`,
  comment: Prisma.sql`lower(min(f.comment)), f.fingerprint`,
};
