import type { Db } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import {
  keyColumns,
  lines,
  orders,
  ownedBy,
  ownerConditions,
  usedCondition,
  whereOf,
} from "@/lib/features/key-fleet/found-sql";
import { FoundKeyInput, FoundKeysInput } from "@/lib/features/key-fleet/schema";
import type { FoundKeyRow, FoundKeysView, FoundKeyView } from "@/lib/features/key-fleet/views";
import type { FoundKey } from "@/lib/generated/prisma/client";
import { can, type Role } from "@/lib/policy/permissions";
import { query } from "@/lib/usecase";

const perPage = 50;

interface KeyRecord {
  fingerprint: string;
  type: string;
  comment: string;
  comments: bigint;
  lines: bigint;
  hosts: bigint;
  accounts: string[];
  accountCount: bigint;
  root: bigint;
  isAuthority: boolean;
  lastUsedAt: Date | null;
  firstSeenAt: Date;
  ownerId: string | null;
  ownerName: string | null;
  isProved: boolean;
  hasLeft: boolean | null;
}

/** Keys that stand on hosts, all lines of one together: one page, with the counts that the filters show. */
export const listFoundKeys = query({
  name: "found-key.list",
  permission: "access:read",
  input: FoundKeysInput,
  async run(filter, { db, actor, now }): Promise<FoundKeysView> {
    const where = whereOf(filter);
    const having = usedCondition(filter.used, now);
    const { nobody, claimed, owned, left } = ownerConditions;
    const [records, [counts], types, tags, people] = await Promise.all([
      db.$queryRaw<(KeyRecord & { total: bigint })[]>`
        SELECT ${keyColumns}, count(*) OVER () AS total FROM ${lines}
        WHERE ${where} AND ${ownedBy(filter.owner)}
        GROUP BY f.fingerprint HAVING ${having}
        ORDER BY ${orders[filter.sort]} LIMIT ${perPage} OFFSET ${(filter.page - 1) * perPage}`,
      db.$queryRaw<Record<string, bigint>[]>`
        SELECT count(DISTINCT f.fingerprint) FILTER (WHERE ${nobody}) AS nobody,
          count(DISTINCT f.fingerprint) FILTER (WHERE ${claimed}) AS claimed,
          count(DISTINCT f.fingerprint) FILTER (WHERE ${owned}) AS owned,
          count(DISTINCT f.fingerprint) FILTER (WHERE ${left}) AS left
        FROM ${lines} WHERE ${where}`,
      db.foundKey.groupBy({ by: ["type"], where: { goneAt: null }, orderBy: { type: "asc" }, take: 50 }),
      db.$queryRaw<{ tag: string }[]>`
        SELECT tag FROM "Host" h, unnest(h.tags) AS tag WHERE h.state <> 'archived'
        GROUP BY tag ORDER BY count(*) DESC, tag LIMIT 100`,
      peopleHere(db),
    ]);
    const number = (name: string) => Number(counts?.[name] ?? 0);
    return {
      rows: records.map(keyRow),
      total: Number(records[0]?.total ?? 0),
      page: filter.page,
      perPage,
      counts: {
        nobody: number("nobody"),
        claimed: number("claimed"),
        owned: number("owned"),
        left: number("left"),
      },
      types: types.map(({ type }) => type),
      tags: tags.map(({ tag }) => tag),
      people,
      ...powers(actor.role),
    };
  },
});

/** One key with every place where it stands. */
export const getFoundKey = query({
  name: "found-key.get",
  permission: "access:read",
  input: FoundKeyInput,
  async run({ fingerprint, page }, { db, actor }): Promise<FoundKeyView> {
    const where = whereOf(FoundKeysInput.parse({}));
    const [[record], places, people] = await Promise.all([
      db.$queryRaw<KeyRecord[]>`
        SELECT ${keyColumns} FROM ${lines} WHERE ${where} AND f.fingerprint = ${fingerprint}
        GROUP BY f.fingerprint`,
      db.$queryRaw<(FoundKey & { hostName: string })[]>`
        SELECT f.*, h.name AS "hostName" FROM ${lines} WHERE ${where} AND f.fingerprint = ${fingerprint}
        ORDER BY lower(h.name), h.id, f.account, f.path, f.line
        LIMIT ${perPage} OFFSET ${(page - 1) * perPage}`,
      peopleHere(db),
    ]);
    if (!record) throw new AppError("not_found", "This key stands on no host, by the last readings.");
    const row = keyRow(record);
    return {
      ...row,
      places: places.map(
        ({ goneAt: _gone, digest: _digest, id: _id, fingerprint: _print, type: _type, ...place }) => ({
          ...place,
          lastUsedAt: place.lastUsedAt?.toISOString() ?? null,
          firstSeenAt: place.firstSeenAt.toISOString(),
        }),
      ),
      total: row.lines,
      page,
      perPage,
      people,
      ...powers(actor.role),
    };
  },
});

function powers(role: Role) {
  return {
    canPlan: can(role, "config:draft"),
    canAdopt: can(role, "person:keys"),
    canExpire: can(role, "config:draft") && can(role, "access:grant"),
  };
}

function peopleHere(db: Db): Promise<{ id: string; name: string }[]> {
  return db.person.findMany({
    where: { disabledAt: null },
    select: { id: true, name: true },
    orderBy: [{ name: "asc" }, { id: "asc" }],
    take: 1000,
  });
}

function keyRow(record: KeyRecord): FoundKeyRow {
  const { ownerId, ownerName, isProved, hasLeft, lastUsedAt, firstSeenAt } = record;
  const { fingerprint, type, comment, accounts, isAuthority } = record;
  return {
    fingerprint,
    type,
    comment,
    accounts,
    isAuthority,
    comments: Number(record.comments),
    lines: Number(record.lines),
    hosts: Number(record.hosts),
    accountCount: Number(record.accountCount),
    root: Number(record.root),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    firstSeenAt: firstSeenAt.toISOString(),
    owner:
      ownerId === null
        ? null
        : { id: ownerId, name: ownerName ?? "somebody", isProved, hasLeft: hasLeft === true },
  };
}
