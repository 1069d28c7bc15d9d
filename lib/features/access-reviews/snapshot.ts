import type { Transaction } from "@/lib/db/client";
import type { FrozenHost, FrozenItem } from "@/lib/features/access-reviews/evidence";
import { gapOf, type ReadingState } from "@/lib/features/access-reviews/gap";
import type { ReviewScope } from "@/lib/features/access-reviews/schema";
import { hostsIn } from "@/lib/features/access-reviews/scope";
import { listKeyOwners } from "@/lib/features/people/key-owners";
import type { AccessPath } from "@/lib/generated/prisma/client";

export interface Snapshot {
  readonly hosts: FrozenHost[];
  readonly items: FrozenItem[];
}

/** A host of a scope, with how many of its ways are in it. */
export interface HostInScope {
  hostId: string;
  hostName: string;
  readAt: Date | null;
  gap: string | null;
  ways: number;
}

/** The hosts of a scope, by name, with the number of their ways. */
export async function countScope(
  db: Pick<Transaction, "$queryRaw">,
  scope: ReviewScope,
  accountsRegex: string | null,
  now: Date,
): Promise<HostInScope[]> {
  const rows = await db.$queryRaw<(ReadingState & { id: string; name: string; ways: bigint })[]>`
    SELECT h.id, h.name, r."readAt", r."failedAt", r.failure, coalesce(r."isConsistent", true) AS "isConsistent", r.refused,
      r."notDerived", coalesce(r."pathsLeftOut", 0) AS "pathsLeftOut", coalesce(r.cuts, 0) AS cuts,
      coalesce(r."modelVersion", 0) AS "modelVersion",
      (SELECT count(*) FROM "AccessPath" p WHERE p."hostId" = h.id AND p."goneAt" IS NULL
        AND (${accountsRegex}::text IS NULL OR p.account ~ ${accountsRegex}::text)) AS ways
    FROM "Host" h LEFT JOIN "AccessReading" r ON r."hostId" = h.id
    WHERE ${hostsIn(scope)} ORDER BY lower(h.name), h.id`;
  return rows.map((row) => ({
    hostId: row.id,
    hostName: row.name,
    readAt: row.readAt,
    gap: gapOf(row, now),
    ways: Number(row.ways),
  }));
}

/** What a campaign over these hosts freezes: every way that is known now, and whose key it is. */
export async function takeSnapshot(
  db: Transaction,
  hosts: readonly HostInScope[],
  accountsRegex: string | null,
): Promise<Snapshot> {
  const owners = new Map(
    (await listKeyOwners(db)).flatMap((owner) =>
      owner.fingerprints.map((fingerprint) => [fingerprint, owner] as const),
    ),
  );
  const hostIds = hosts.map(({ hostId }) => hostId);
  const paths = await db.$queryRaw<(AccessPath & { hostName: string })[]>`
    SELECT p.*, h.name AS "hostName" FROM "AccessPath" p JOIN "Host" h ON h.id = p."hostId"
    WHERE p."hostId" = ANY (${hostIds}::uuid[]) AND p."goneAt" IS NULL
      AND (${accountsRegex}::text IS NULL OR p.account ~ ${accountsRegex}::text)
    ORDER BY lower(h.name), h.id, p.position`;
  const waysOf = new Map<string, number>();
  const items = paths.map((path, index): FrozenItem => {
    waysOf.set(path.hostId, (waysOf.get(path.hostId) ?? 0) + 1);
    const owner = path.fingerprints.map((print) => owners.get(print)).find((known) => known !== undefined);
    return {
      number: index + 1,
      hostId: path.hostId,
      hostName: path.hostName,
      pathId: path.id,
      account: path.account,
      uid: path.uid,
      subject: subjectOf(path),
      fingerprints: path.fingerprints,
      keySources: path.keySources,
      keyType: path.keyType,
      comment: path.comment,
      methods: path.methods,
      factors: path.factors,
      isCertain: path.isCertain,
      from: path.from,
      forcedCommand: path.forcedCommand,
      limits: path.limits,
      lastUsedAt: path.lastUsedAt,
      firstSeenAt: path.firstSeenAt,
      personId: owner?.id ?? null,
      personName: owner?.name ?? null,
      view: path.view,
    };
  });
  return {
    hosts: hosts.map(({ hostId, hostName, readAt, gap }) => ({
      hostId,
      hostName,
      readAt,
      gap,
      ways: waysOf.get(hostId) ?? 0,
    })),
    items,
  };
}

/**
 * By what somebody gets in, whatever the addresses and limits: the keys, or the methods where there is none.
 *
 * The same key in the same account is the same subject when a password is asked for as well: revoked is the key.
 */
export function subjectOf({ fingerprints, methods }: Pick<AccessPath, "fingerprints" | "methods">): string {
  if (fingerprints.length > 0) return `keys ${[...new Set(fingerprints)].sort().join(" ")}`;
  return `methods ${methods}`;
}

/** Rows that one statement carries: megabytes, not more. */
const portion = 1000;

/** Writes the frozen ways of a campaign down. */
export async function writeItems(
  db: Transaction,
  reviewId: string,
  items: readonly FrozenItem[],
): Promise<void> {
  for (let from = 0; from < items.length; from += portion) {
    const rows = JSON.stringify(items.slice(from, from + portion).map((item) => ({ ...item, reviewId })));
    await db.$executeRaw`
      INSERT INTO "AccessReviewItem" ("reviewId", number, "hostId", "hostName", "pathId", account, uid, subject,
        fingerprints, "keySources", "keyType", comment, methods, factors, "isCertain", "from", "forcedCommand", limits,
        "lastUsedAt", "firstSeenAt", "personId", "personName", view)
      SELECT "reviewId", number, "hostId", "hostName", "pathId", account, uid, subject,
        fingerprints, "keySources", "keyType", comment, methods, factors, "isCertain", "from", "forcedCommand", limits,
        "lastUsedAt", "firstSeenAt", "personId", "personName", view
      FROM jsonb_populate_recordset(NULL::"AccessReviewItem", ${rows}::jsonb)`;
  }
}
