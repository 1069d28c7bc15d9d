import { coverageOf } from "@/lib/features/access/fleet-coverage";
import { literal, nameCondition } from "@/lib/features/access/fleet-sql";
import { FindingListInput, HostAccessInput } from "@/lib/features/access/schema";
import type { FindingListView, FindingRow, HostFindingsView } from "@/lib/features/access/views";
import { Prisma } from "@/lib/generated/prisma/client";
import { query } from "@/lib/usecase";

/** A key that counts as somebody's. */
const counted = Prisma.sql`k."removedAt" IS NULL AND k."provedAt" IS NOT NULL`;

/**
 * What was found on every host, with what depends on whose key it is: that is found here, because a key's owner changes
 * without a new reading. As `findKeyFaults` of lib/access tells it; while nobody's keys are known no key is unowned.
 */
const foundOn = (isInScope: (hostId: Prisma.Sql) => Prisma.Sql) => Prisma.sql`
  SELECT f."hostId", f.id, f.code, f.severity, f.account, f.fingerprint, f.title AS what, f.view->>'why' AS why,
    f.view->>'advice' AS advice, f.view->>'source' AS source, f."firstSeenAt"
  FROM "AccessFindingRow" f
  WHERE ${isInScope(Prisma.sql`f."hostId"`)} AND f."goneAt" IS NULL AND (f.code <> 'shared-key' OR NOT EXISTS (
    SELECT 1 FROM "PersonKey" k WHERE k.fingerprint = f.fingerprint AND ${counted}))
  UNION ALL
  SELECT way."hostId", way.id || ' ' || way.print, CASE WHEN o.id IS NULL THEN 'unowned-key' ELSE 'key-of-leaver' END,
    CASE WHEN o.id IS NULL THEN 'medium' ELSE 'high' END, way.account, way.print,
    CASE WHEN o.id IS NULL
      THEN 'Nobody here owns the key ' || way.name || ', which ' || way.account || ' lets in.'
      ELSE o.name || ' has left, and the key ' || way.name || ' still opens ' || way.account || '.' END,
    CASE WHEN o.id IS NULL
      THEN 'Nobody can say who logs in with it, and nobody will take it away when its owner leaves.'
      ELSE 'Whoever has that key can log in to ' || way.account || '.' END,
    CASE WHEN o.id IS NULL THEN 'Say whose key it is, or remove the line.' ELSE 'Remove the line.' END,
    way.source, way."firstSeenAt"
  FROM (
    SELECT DISTINCT ON (p."hostId", p.account, key.print) p."hostId", p.id, p.account, key.print,
      nullif(p."keySources"[key.place], '') AS source, p."firstSeenAt",
      CASE WHEN p.comment IS NULL OR key.place > 1 THEN key.print
        ELSE p.comment || ' (' || key.print || ')' END AS name
    FROM "AccessPath" p CROSS JOIN unnest(p.fingerprints) WITH ORDINALITY AS key (print, place)
    WHERE ${isInScope(Prisma.sql`p."hostId"`)} AND p."goneAt" IS NULL
    ORDER BY p."hostId", p.account, key.print, p."firstSeenAt", p.id
  ) way
  LEFT JOIN "PersonKey" k ON k.fingerprint = way.print AND ${counted}
  LEFT JOIN "Person" o ON o.id = k."personId"
  WHERE (o.id IS NULL OR o."disabledAt" IS NOT NULL) AND EXISTS (SELECT 1 FROM "PersonKey" k WHERE ${counted})`;

const found = foundOn(() => Prisma.sql`true`);

const rank = Prisma.sql`CASE found.severity WHEN 'high' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END`;
const hosts = Prisma.sql`JOIN "Host" h ON h.id = found."hostId" AND h.state <> 'archived'`;

interface FindingRecord extends Omit<FindingRow, "firstSeenAt"> {
  firstSeenAt: Date;
}

interface KindRecord {
  code: string;
  severity: FindingRow["severity"];
  fits: bigint;
  count: bigint;
  hosts: bigint;
}

/** What a row shows, beside what was found. */
const rowColumns = Prisma.sql`found.*, h.name AS "hostName", file.path IS NOT NULL AS "isEditable"`;
const editableFiles = Prisma.sql`
  LEFT JOIN "ConfigFile" file ON file."hostId" = found."hostId" AND file."goneAt" IS NULL
    AND file.path = regexp_replace(found.source, ':[0-9]+$', '')`;

/** Findings of one host on its own page; the rest is in the list. */
const mostOfHost = 20;

/** What should be mended or decided about access on one host, the worst first, and how much there is. */
export const getHostFindings = query({
  name: "access.host-findings",
  permission: "access:read",
  input: HostAccessInput,
  async run({ hostId }, { db }): Promise<HostFindingsView> {
    const onHost = foundOn((column) => Prisma.sql`${column} = ${hostId}::uuid`);
    const records = await db.$queryRaw<(FindingRecord & { total: bigint })[]>`
      SELECT ${rowColumns}, count(*) OVER () AS total FROM (${onHost}) found ${hosts} ${editableFiles}
      ORDER BY ${rank}, found.code, found.id LIMIT ${mostOfHost}`;
    return {
      rows: records.map(({ total: _, ...record }) => rowOf(record)),
      total: Number(records[0]?.total ?? 0),
    };
  },
});

/** What should be mended or decided about access, over all hosts: counts by kind, and one page of it. */
export const listFindings = query({
  name: "access.findings",
  permission: "access:read",
  input: FindingListInput,
  async run(filter, { db, now }): Promise<FindingListView> {
    const { page, perPage, code } = filter;
    const others = conditionOf({ ...filter, code: "" });
    const [records, kinds, coverage] = await Promise.all([
      db.$queryRaw<FindingRecord[]>`
        SELECT ${rowColumns} FROM (${found}) found ${hosts} ${editableFiles}
        WHERE ${conditionOf(filter)}
        ORDER BY ${rank}, found.code, lower(h.name), h.id, found.id
        LIMIT ${perPage} OFFSET ${(page - 1) * perPage}`,
      db.$queryRaw<KindRecord[]>`
        SELECT found.code, min(found.severity) AS severity, count(*) FILTER (WHERE ${others}) AS fits,
          count(DISTINCT h.id) FILTER (WHERE ${others}) AS hosts, count(*) AS count
        FROM (${found}) found ${hosts}
        GROUP BY found.code, ${rank} ORDER BY ${rank}, count(*) DESC, found.code`,
      coverageOf(db, now),
    ]);
    const fitting = kinds.filter((kind) => code === "" || kind.code === code);
    return {
      rows: records.map(rowOf),
      total: sum(fitting.map((kind) => kind.fits)),
      all: sum(kinds.map((kind) => kind.count)),
      kinds: kinds
        .filter((kind) => kind.fits > 0n)
        .map((kind) => ({
          code: kind.code,
          severity: kind.severity,
          count: Number(kind.fits),
          hosts: Number(kind.hosts),
        })),
      coverage,
      page,
      perPage,
    };
  },
});

function conditionOf({ q, host, code, severity }: FindingListInput): Prisma.Sql {
  const parts = [Prisma.sql`true`];
  for (const word of q.split(/\s+/).filter(Boolean).slice(0, 10)) {
    const pattern = `%${literal(word)}%`;
    parts.push(Prisma.sql`(found.what ILIKE ${pattern} OR found.account ILIKE ${pattern}
      OR found.source ILIKE ${pattern} OR h.name ILIKE ${pattern})`);
  }
  if (host !== "") parts.push(nameCondition(Prisma.sql`h.name`, host));
  if (code !== "") parts.push(Prisma.sql`found.code = ${code}`);
  if (severity !== "") parts.push(Prisma.sql`found.severity = ${severity}`);
  return Prisma.join(parts, " AND ");
}

function rowOf({ firstSeenAt, ...record }: FindingRecord): FindingRow {
  return { ...record, firstSeenAt: firstSeenAt.toISOString() };
}

const sum = (counts: readonly bigint[]) => counts.reduce((total, count) => total + Number(count), 0);
