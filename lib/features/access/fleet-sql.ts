import { unusedAfterDays } from "@/lib/access/account-findings";
import { staleHours } from "@/lib/features/access/freshness";
import type { FleetAccessInput } from "@/lib/features/access/schema";
import { Prisma } from "@/lib/generated/prisma/client";

// Statements by hand: filters, counts, groups and pages of some hundred thousand ways in a few hundred milliseconds.

export type FleetFilter = Pick<
  FleetAccessInput,
  "q" | "host" | "account" | "tag" | "person" | "method" | "factors" | "is"
>;

/** A key that counts as somebody's. */
const counted = Prisma.sql`"removedAt" IS NULL AND "provedAt" IS NOT NULL`;

/**
 * The ways with their hosts, readings and owners. Nearly every way has one key: that is a join; of ways with more keys
 * the first that somebody owns decides.
 */
export const source = Prisma.sql`
  "AccessPath" p
  JOIN "Host" h ON h.id = p."hostId" AND h.state <> 'archived' AND p."goneAt" IS NULL
  JOIN "AccessReading" r ON r."hostId" = p."hostId"
  LEFT JOIN "PersonKey" k ON k.fingerprint = p.fingerprint AND k."removedAt" IS NULL AND k."provedAt" IS NOT NULL
  LEFT JOIN "Person" o ON o.id = CASE
    WHEN k."personId" IS NOT NULL THEN k."personId"
    WHEN cardinality(p.fingerprints) > 1 THEN (
      SELECT other."personId" FROM unnest(p.fingerprints) WITH ORDINALITY AS print (text, place)
      JOIN "PersonKey" other ON other.fingerprint = print.text AND other."removedAt" IS NULL
        AND other."provedAt" IS NOT NULL
      ORDER BY print.place LIMIT 1)
    END`;

/** Whose keys count, for who filters by person. */
export const owners = Prisma.sql`
  SELECT DISTINCT o.id, o.name FROM "Person" o JOIN "PersonKey" k ON k."personId" = o.id WHERE ${counted}
  ORDER BY o.name, o.id LIMIT 500`;

/** One condition for each trait. */
export function traits(now: Date): Record<FleetAccessInput["is"][number], Prisma.Sql> {
  const unusedSince = new Date(now.getTime() - unusedAfterDays * 86_400_000);
  const staleSince = new Date(now.getTime() - staleHours * 3_600_000);
  return {
    root: Prisma.sql`p.uid = 0`,
    password: Prisma.sql`p."asksPassword"`,
    unowned: Prisma.sql`(p.fingerprint IS NOT NULL AND o.id IS NULL)`,
    unused: Prisma.sql`(coalesce(p."lastUsedAt" < ${unusedSince}, true) AND coalesce(r."loginsSince" <= ${unusedSince}, false))`,
    uncertain: Prisma.sql`NOT p."isCertain"`,
    // As isStale of freshness.ts.
    stale: Prisma.sql`(r."readAt" < ${staleSince} OR coalesce(r."failedAt" > r."readAt", false))`,
  };
}

/** A name, or a pattern in which `*` stands for anything, as a condition on a column. */
export function nameCondition(column: Prisma.Sql, pattern: string): Prisma.Sql {
  if (!pattern.includes("*")) return Prisma.sql`${column} = ${pattern}`;
  return Prisma.sql`${column} ILIKE ${literal(pattern).replaceAll("*", "%")}`;
}

/** Text in which no character is a wildcard of LIKE. */
export const literal = (text: string) => text.replace(/[\\%_]/g, "\\$&");

/** What the person filters by, as a condition on `source`. What has run out is no way any more. */
export function whereOf(filter: FleetFilter, now: Date): Prisma.Sql {
  const { q, host, account, tag, person, method, factors, is } = filter;
  const parts = [Prisma.sql`(p."expiresAt" IS NULL OR p."expiresAt" > ${now})`];
  for (const word of q.split(/\s+/).filter(Boolean).slice(0, 10)) {
    const lower = `%${literal(word.toLowerCase())}%`;
    parts.push(
      Prisma.sql`(p.words LIKE ${lower} OR lower(h.name) LIKE ${lower} OR lower(o.name) LIKE ${lower})`,
    );
  }
  if (host !== "") parts.push(nameCondition(Prisma.sql`h.name`, host));
  if (account !== "") parts.push(nameCondition(Prisma.sql`p.account`, account));
  if (tag.length > 0) parts.push(Prisma.sql`h.tags @> ${tag}::text[]`);
  if (person === "nobody") parts.push(Prisma.sql`o.id IS NULL`);
  // Any key of the way: of a way with more keys `o` is only the first owner.
  else if (person !== "")
    parts.push(Prisma.sql`p.fingerprints && ARRAY(
      SELECT fingerprint FROM "PersonKey" WHERE "personId" = ${person}::uuid AND ${counted})`);
  if (method !== "") parts.push(Prisma.sql`p.methods = ${method}`);
  if (factors !== "") parts.push(factors === "one" ? Prisma.sql`p.factors <= 1` : Prisma.sql`p.factors > 1`);
  const conditions = traits(now);
  for (const trait of is) parts.push(conditions[trait]);
  return Prisma.join(parts, " AND ");
}

const orders: Record<FleetAccessInput["sort"], Prisma.Sql> = {
  host: Prisma.sql`lower(h.name)`,
  account: Prisma.sql`p.account`,
  methods: Prisma.sql`p.methods`,
  factors: Prisma.sql`p.factors`,
  used: Prisma.sql`p."lastUsedAt"`,
  seen: Prisma.sql`p."firstSeenAt"`,
};

/**
 * The order, complete: two ways never change places between two pages. By host it is that of indexes, so that a page is
 * read without the ways of all others: there is nothing in it that could be null, and NULLS LAST would hide that.
 */
export function orderOf({ sort, direction }: Pick<FleetAccessInput, "sort" | "direction">): Prisma.Sql {
  const way = direction === "ascending" ? Prisma.sql`ASC` : Prisma.sql`DESC`;
  const last = sort === "used" ? Prisma.sql`NULLS LAST` : Prisma.empty;
  return Prisma.sql`${orders[sort]} ${way} ${last}, lower(h.name), h.id, p.position, p.id`;
}

/** One row as the database gives it. */
export interface PathRecord {
  hostId: string;
  hostName: string;
  id: string;
  account: string;
  uid: number;
  methods: string;
  factors: number;
  asksPassword: boolean;
  isCertain: boolean;
  fingerprint: string | null;
  keyType: string | null;
  comment: string | null;
  personId: string | null;
  personName: string | null;
  personLeft: boolean;
  from: string[];
  limits: string[];
  forcedCommand: string | null;
  lastUsedAt: Date | null;
  firstSeenAt: Date;
  isStale: boolean;
}

/** What a row shows. */
export function columnsOf(now: Date): Prisma.Sql {
  return Prisma.sql`
    p."hostId", h.name AS "hostName", p.id, p.account, p.uid, p.methods, p.factors, p."asksPassword", p."isCertain",
    p.fingerprint, p."keyType", p.comment, o.id AS "personId", o.name AS "personName",
    o."disabledAt" IS NOT NULL AS "personLeft", p."from", p.limits, p."forcedCommand", p."lastUsedAt",
    p."firstSeenAt", ${traits(now).stale} AS "isStale"`;
}

/** By what ways are grouped: the key of a group, and the name that people read. */
export const groupings: Record<
  Exclude<FleetAccessInput["by"], "">,
  { readonly key: Prisma.Sql; readonly name: Prisma.Sql }
> = {
  host: { key: Prisma.sql`h.id::text`, name: Prisma.sql`h.name` },
  account: { key: Prisma.sql`p.account`, name: Prisma.sql`p.account` },
  person: { key: Prisma.sql`coalesce(o.id::text, 'nobody')`, name: Prisma.sql`o.name` },
};
