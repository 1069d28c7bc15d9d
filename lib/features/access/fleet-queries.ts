import type { Db } from "@/lib/db/client";
import { coverageOf } from "@/lib/features/access/fleet-coverage";
import {
  columnsOf,
  type FleetFilter,
  groupings,
  orderOf,
  owners,
  type PathRecord,
  source,
  traits,
  whereOf,
} from "@/lib/features/access/fleet-sql";
import { isStale } from "@/lib/features/access/freshness";
import { AccessPathId, FleetAccessInput, StoredPathView } from "@/lib/features/access/schema";
import type { FleetAccessView, FleetGroup, FleetPathDetail, FleetPathRow } from "@/lib/features/access/views";
import { query } from "@/lib/usecase";

/** Ways of an open group that are shown in it; the rest is one click away. */
const rowsOfGroup = 20;

/** The ways in of all hosts: one page of rows or groups, with the counts that the filters show. */
export const listFleetAccess = query({
  name: "access.list",
  permission: "access:read",
  input: FleetAccessInput,
  async run(filter, { db, now }): Promise<FleetAccessView> {
    const [counts, list, tags, people, coverage] = await Promise.all([
      countWays(db, filter, now),
      filter.by === "" ? listRows(db, filter, now) : listGroups(db, filter, filter.by, now),
      db.$queryRaw<{ tag: string; count: bigint }[]>`
        SELECT tag, count(*) AS count FROM "Host" h, unnest(h.tags) AS tag
        WHERE h.state <> 'archived' GROUP BY tag ORDER BY count DESC, tag LIMIT 100`,
      db.$queryRaw<{ id: string; name: string }[]>`${owners}`,
      coverageOf(db, now),
    ]);
    const { page, perPage } = filter;
    return {
      ...counts,
      rows: list.rows,
      groups: list.groups,
      listed: list.groups ? list.listed : counts.total,
      tags: tags.map(({ tag, count }) => ({ tag, count: Number(count) })),
      people,
      coverage,
      page,
      perPage,
    };
  },
});

/** One way with its chain of reasons, the owners of its keys, and which lines can be edited; null when it is gone. */
export const findAccessPath = query({
  name: "access.path",
  permission: "access:read",
  input: AccessPathId,
  async run({ hostId, id }, { db, now }): Promise<FleetPathDetail | null> {
    const row = await db.accessPath.findUnique({
      where: { hostId_id: { hostId, id }, goneAt: null },
      include: {
        host: {
          select: { name: true, access: true, files: { where: { goneAt: null }, select: { path: true } } },
        },
      },
    });
    if (!row) return null;
    const keys = await db.personKey.findMany({
      where: { fingerprint: { in: row.fingerprints }, removedAt: null, provedAt: { not: null } },
      select: { fingerprint: true, person: { select: { id: true, name: true, disabledAt: true } } },
    });
    const { access } = row.host;
    return {
      hostId,
      hostName: row.host.name,
      id,
      uid: row.uid,
      view: StoredPathView.parse(row.view),
      owners: Object.fromEntries(
        keys.map(({ fingerprint, person }) => [
          fingerprint,
          { id: person.id, name: person.name, hasLeft: person.disabledAt !== null },
        ]),
      ),
      editable: row.host.files.map((file) => file.path),
      firstSeenAt: row.firstSeenAt.toISOString(),
      readAt: access?.readAt?.toISOString() ?? null,
      isStale: access ? isStale(access, now) : true,
      loginsSince: access?.loginsSince?.toISOString() ?? null,
    };
  },
});

/** Counts of what fits, in one walk through the ways. */
async function countWays(db: Db, filter: FleetFilter, now: Date) {
  const { root, password, unowned, unused, uncertain, stale } = traits(now);
  const [records, methods] = await Promise.all([
    db.$queryRaw<Record<string, bigint>[]>`
      SELECT count(*) AS total, count(*) FILTER (WHERE p.factors <= 1) AS one,
        count(*) FILTER (WHERE p.factors > 1) AS more, count(*) FILTER (WHERE ${root}) AS root,
        count(*) FILTER (WHERE ${password}) AS password, count(*) FILTER (WHERE ${unowned}) AS unowned,
        count(*) FILTER (WHERE ${unused}) AS unused, count(*) FILTER (WHERE ${uncertain}) AS uncertain,
        count(*) FILTER (WHERE ${stale}) AS stale
      FROM ${source} WHERE ${whereOf(filter, now)}`,
    db.$queryRaw<{ methods: string; count: bigint }[]>`
      SELECT p.methods, count(*) AS count FROM "AccessPath" p
      JOIN "Host" h ON h.id = p."hostId" AND h.state <> 'archived'
      WHERE p."goneAt" IS NULL AND (p."expiresAt" IS NULL OR p."expiresAt" > ${now})
      GROUP BY p.methods ORDER BY count DESC, p.methods LIMIT 100`,
  ]);
  const found = records[0] ?? {};
  const number = (name: string) => Number(found[name] ?? 0);
  return {
    total: number("total"),
    // The methods are counted over everything, and every way has some.
    all: methods.reduce((sum, { count }) => sum + Number(count), 0),
    factors: { one: number("one"), more: number("more") },
    traits: {
      root: number("root"),
      password: number("password"),
      unowned: number("unowned"),
      unused: number("unused"),
      uncertain: number("uncertain"),
      stale: number("stale"),
    },
    methods: methods.map((row) => ({ methods: row.methods, count: Number(row.count) })),
  };
}

async function listRows(db: Db, filter: FleetAccessInput, now: Date) {
  const offset = (filter.page - 1) * filter.perPage;
  const records = await db.$queryRaw<PathRecord[]>`
    SELECT ${columnsOf(now)} FROM ${source} WHERE ${whereOf(filter, now)}
    ORDER BY ${orderOf(filter)} LIMIT ${filter.perPage} OFFSET ${offset}`;
  return { rows: records.map(rowOf), groups: null, listed: 0 };
}

interface GroupRecord {
  key: string;
  name: string | null;
  ways: bigint;
  hosts: bigint;
  accounts: bigint;
  root: bigint;
  single: bigint;
  password: bigint;
  lastUsedAt: Date | null;
  hasLeft: boolean;
  listed: bigint;
}

async function listGroups(
  db: Db,
  filter: FleetAccessInput,
  by: Exclude<FleetAccessInput["by"], "">,
  now: Date,
) {
  const { key, name } = groupings[by];
  const where = whereOf(filter, now);
  const offset = (filter.page - 1) * filter.perPage;
  // Grouped by host an account is one where it is; otherwise accounts are counted by name.
  const records = await db.$queryRaw<GroupRecord[]>`
    SELECT ${key} AS key, min(${name}) AS name, count(*) AS ways, count(DISTINCT p."hostId") AS hosts,
      count(DISTINCT p.account) AS accounts, count(*) FILTER (WHERE p.uid = 0) AS root,
      count(*) FILTER (WHERE p.factors <= 1) AS single, count(*) FILTER (WHERE p."asksPassword") AS password,
      max(p."lastUsedAt") AS "lastUsedAt", bool_or(o."disabledAt" IS NOT NULL) AS "hasLeft",
      count(*) OVER () AS listed
    FROM ${source} WHERE ${where} GROUP BY 1
    ORDER BY lower(min(${name})) NULLS FIRST, 1 LIMIT ${filter.perPage} OFFSET ${offset}`;
  const opened = records.map((record) => record.key).filter((one) => filter.open.includes(one));
  const rows = await Promise.all(
    opened.map(async (one) => {
      const found = await db.$queryRaw<PathRecord[]>`
        SELECT ${columnsOf(now)} FROM ${source} WHERE ${where} AND ${key} = ${one}
        ORDER BY ${orderOf(filter)} LIMIT ${rowsOfGroup}`;
      return [one, found.map(rowOf)] as const;
    }),
  );
  const rowsOf = new Map(rows);
  const groups = records.map(
    (record): FleetGroup => ({
      key: record.key,
      name: record.name ?? "Nobody we know",
      ways: Number(record.ways),
      hosts: Number(record.hosts),
      accounts: Number(record.accounts),
      root: Number(record.root),
      single: Number(record.single),
      password: Number(record.password),
      lastUsedAt: record.lastUsedAt?.toISOString() ?? null,
      hasLeft: by === "person" && record.hasLeft,
      rows: rowsOf.get(record.key) ?? null,
    }),
  );
  return { rows: null, groups, listed: Number(records[0]?.listed ?? 0) };
}

/** A record as pages show it. */
export function rowOf(record: PathRecord): FleetPathRow {
  const { uid, personId, personName, personLeft, lastUsedAt, firstSeenAt, ...rest } = record;
  return {
    ...rest,
    isRoot: uid === 0,
    person: personId === null ? null : { id: personId, name: personName ?? "somebody", hasLeft: personLeft },
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    firstSeenAt: firstSeenAt.toISOString(),
  };
}
