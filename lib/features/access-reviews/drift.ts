import type { Db } from "@/lib/db/client";
import { differenceOf } from "@/lib/features/access-reviews/difference";
import { blindnessOf, type ReadingState } from "@/lib/features/access-reviews/gap";
import type { Decision } from "@/lib/features/access-reviews/schema";
import type { DriftRow, DriftSide } from "@/lib/features/access-reviews/views";
import { isSameSubject } from "@/lib/features/access-reviews/watch";
import { listKeyOwners } from "@/lib/features/people/key-owners";
import { Prisma } from "@/lib/generated/prisma/client";

/** Differences of one kind that are read at most; more than that is a fleet that wants another review. */
const mostRows = 5000;

export interface Drift {
  readonly rows: DriftRow[];
  readonly reviewedHosts: number;
  readonly neverReviewed: number;
  readonly untold: { hostId: string; hostName: string; reason: string }[];
  readonly isCut: boolean;
}

/** A host and the last closed review that covers it. */
interface Reviewed extends ReadingState {
  hostId: string;
  hostName: string;
  reviewId: string | null;
  reviewName: string | null;
  accountsRegex: string | null;
}

interface Way {
  hostId: string;
  id: string;
  account: string;
  fingerprints: string[];
  comment: string | null;
  methods: string;
  factors: number;
  from: string[];
  forcedCommand: string | null;
  limits: string[];
}
interface NewWay extends Way {
  firstSeenAt: Date;
}
interface OldWay extends Way {
  personName: string | null;
  decision: Decision | null;
}

/**
 * What is different since each host's last closed review: against the ways that it froze, and only about the accounts that
 * it was about. A host that is not fully known now is named instead: what is missing there may be there.
 *
 * @param hostId only this host
 */
export async function readDrift(db: Db, hostId?: string): Promise<Drift> {
  const hosts = await db.$queryRaw<Reviewed[]>`
    SELECT h.id AS "hostId", h.name AS "hostName", last.*, r."readAt", r."failedAt", r.failure, r.refused, r."notDerived",
      coalesce(r."isConsistent", true) AS "isConsistent", coalesce(r."pathsLeftOut", 0) AS "pathsLeftOut",
      coalesce(r.cuts, 0) AS cuts, coalesce(r."modelVersion", 0) AS "modelVersion"
    FROM "Host" h LEFT JOIN "AccessReading" r ON r."hostId" = h.id
    LEFT JOIN LATERAL (
      SELECT w.id AS "reviewId", w.name AS "reviewName", w."accountsRegex"
      FROM "AccessReviewHost" c JOIN "AccessReview" w ON w.id = c."reviewId"
      WHERE c."hostId" = h.id AND c."readAt" IS NOT NULL AND w."closedAt" IS NOT NULL
      ORDER BY w."closedAt" DESC, w.id LIMIT 1
    ) last ON true
    WHERE h.state <> 'archived' AND (${hostId ?? null}::uuid IS NULL OR h.id = ${hostId ?? null}::uuid)
    ORDER BY lower(h.name), h.id`;
  const reviewed = hosts.filter((host) => host.reviewId !== null);
  const untold = reviewed.flatMap((host) => {
    const reason = blindnessOf(host);
    return reason === null ? [] : [{ hostId: host.hostId, hostName: host.hostName, reason }];
  });
  const blind = new Set(untold.map((host) => host.hostId));
  const told = reviewed.filter((host) => !blind.has(host.hostId));
  const [appeared, vanished, altered] = told.length === 0 ? [[], [], []] : await readWays(db, told);
  const names = await personNames(db);
  const [newWays, oldWays, alteredWays] = [byHost(appeared), byHost(vanished), byHost(altered)];
  return {
    rows: told.flatMap((host) => {
      const waysOf = <Found extends Way>(ways: Map<string, Found[]>) => ways.get(host.hostId) ?? [];
      return rowsOf(host, waysOf(newWays), waysOf(oldWays), waysOf(alteredWays), names);
    }),
    reviewedHosts: reviewed.length,
    neverReviewed: hosts.length - reviewed.length,
    untold,
    isCut: [appeared, vanished, altered].some((rows) => rows.length === mostRows),
  };
}

function byHost<Found extends Way>(ways: readonly Found[]): Map<string, Found[]> {
  const groups = new Map<string, Found[]>();
  for (const way of ways) {
    const group = groups.get(way.hostId);
    if (group) group.push(way);
    else groups.set(way.hostId, [way]);
  }
  return groups;
}

type Altered = NewWay & { old: OldWay };

async function readWays(db: Db, hosts: readonly Reviewed[]): Promise<[NewWay[], OldWay[], Altered[]]> {
  const pairs = Prisma.sql`(SELECT * FROM unnest(
    ${hosts.map((host) => host.hostId)}::uuid[], ${hosts.map((host) => host.reviewId ?? "")}::uuid[],
    ${hosts.map((host) => host.accountsRegex)}::text[]) AS t ("hostId", "reviewId", regex))`;
  const isSame = Prisma.sql`i."reviewId" = t."reviewId" AND i."hostId" = t."hostId" AND i."pathId" = p.id`;
  const now = Prisma.sql`p."hostId", p.id, p.account, p.fingerprints, p.comment, p.methods, p.factors, p."from",
    p."forcedCommand", p.limits, p."firstSeenAt"`;
  const then = Prisma.sql`i."hostId", i."pathId" AS id, i.account, i.fingerprints, i.comment, i.methods, i.factors,
    i."from", i."forcedCommand", i.limits, i."personName", i.decision`;
  const appeared = await db.$queryRaw<NewWay[]>`
    SELECT ${now} FROM ${pairs} t JOIN "AccessPath" p ON p."hostId" = t."hostId"
    WHERE p."goneAt" IS NULL AND (t.regex IS NULL OR p.account ~ t.regex) AND NOT EXISTS (SELECT FROM "AccessReviewItem" i WHERE ${isSame})
    ORDER BY p."hostId", p.position LIMIT ${mostRows}`;
  const vanished = await db.$queryRaw<OldWay[]>`
    SELECT ${then} FROM ${pairs} t JOIN "AccessReviewItem" i ON i."reviewId" = t."reviewId" AND i."hostId" = t."hostId"
    WHERE NOT EXISTS (SELECT FROM "AccessPath" p WHERE p."hostId" = i."hostId" AND p.id = i."pathId"
      AND p."goneAt" IS NULL)
    ORDER BY i."hostId", i.number LIMIT ${mostRows}`;
  const altered = await db.$queryRaw<Altered[]>`
    SELECT ${now}, jsonb_build_object('hostId', i."hostId", 'id', i."pathId", 'account', i.account,
      'fingerprints', i.fingerprints, 'comment', i.comment, 'methods', i.methods, 'factors', i.factors, 'from', i."from",
      'forcedCommand', i."forcedCommand", 'limits', i.limits, 'personName', i."personName", 'decision', i.decision) AS old
    FROM ${pairs} t JOIN "AccessReviewItem" i ON i."reviewId" = t."reviewId" AND i."hostId" = t."hostId"
    JOIN "AccessPath" p ON ${isSame} AND p."hostId" = i."hostId" AND p."goneAt" IS NULL
    WHERE p."forcedCommand" IS DISTINCT FROM i."forcedCommand" OR p.limits IS DISTINCT FROM i.limits
      OR p.factors <> i.factors
    ORDER BY p."hostId", p.position LIMIT ${mostRows}`;
  return [appeared, vanished, altered];
}

function rowsOf(
  host: Reviewed,
  appeared: readonly NewWay[],
  vanished: readonly OldWay[],
  altered: readonly Altered[],
  names: ReadonlyMap<string, string>,
): DriftRow[] {
  const common = {
    hostId: host.hostId,
    hostName: host.hostName,
    reviewId: host.reviewId ?? "",
    reviewName: host.reviewName ?? "",
  };
  const nowSide = (way: Way) =>
    sideOf(way, way.fingerprints.map((print) => names.get(print)).find((name) => name !== undefined) ?? null);
  const compared = (now: NewWay, old: OldWay) => {
    const [before, after] = [sideOf(old, old.personName), nowSide(now)];
    return { now, old, before, after, ...differenceOf(before, after) };
  };
  const pairs = altered.map((way) => compared(way, way.old));
  const gone = [...vanished];
  const fresh = appeared.filter((way) => {
    // The same key in the same account is the same way in another form; best, in the same form under another id.
    const likes = gone.filter((old) => isSameSubject(old, way)).map((old) => compared(way, old));
    const pair = likes.find(({ differences }) => differences.length === 0) ?? likes[0];
    if (!pair) return true;
    gone.splice(gone.indexOf(pair.old), 1);
    if (pair.differences.length > 0) pairs.push(pair);
    return false;
  });
  return [
    ...fresh.map(
      (way): DriftRow => ({
        ...common,
        kind: "appeared",
        before: null,
        after: nowSide(way),
        differences: [],
        isLooser: true,
        at: way.firstSeenAt.toISOString(),
        decision: null,
      }),
    ),
    ...pairs.map(
      ({ now, old, before, after, differences, isLooser }): DriftRow => ({
        ...common,
        kind: "changed",
        before,
        after,
        differences,
        isLooser,
        at: now.firstSeenAt.toISOString(),
        decision: old.decision,
      }),
    ),
    ...gone.map(
      (way): DriftRow => ({
        ...common,
        kind: "vanished",
        before: sideOf(way, way.personName),
        after: null,
        differences: [],
        isLooser: false,
        at: host.readAt?.toISOString() ?? null,
        decision: way.decision,
      }),
    ),
  ];
}

function sideOf(way: Way, personName: string | null): DriftSide {
  const { account, fingerprints, comment, methods, factors, from, forcedCommand, limits } = way;
  return {
    account,
    fingerprint: fingerprints[0] ?? null,
    comment,
    personName,
    methods,
    factors,
    from,
    forcedCommand,
    limits,
  };
}

async function personNames(db: Db): Promise<Map<string, string>> {
  const owners = await listKeyOwners(db);
  return new Map(owners.flatMap(({ name, fingerprints }) => fingerprints.map((print) => [print, name])));
}
