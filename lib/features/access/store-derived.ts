import type { Transaction } from "@/lib/db/client";
import { type DerivedAccess, modelVersion } from "@/lib/features/access/derive";
import type { Prisma } from "@/lib/generated/prisma/client";

/** Rows that one statement writes: each has some twenty values, and PostgreSQL takes 65,535. */
const atOnce = 1000;

/**
 * Writes what a reading comes to in place of what was there. A row that says the same is not touched, a way that stays
 * keeps its id and the moment at which it was first seen, and one that is gone is removed.
 *
 * A reading that does not show everything (sshd refuses its configuration, a cap was reached, something moved) removes
 * nothing: what it lacks is marked as gone, and keeps its moment when it comes back.
 *
 * Belongs into the transaction that writes the reading, after it. What could not be judged leaves the rows as they are, and
 * is said.
 *
 * @param at the moment of the reading
 */
export async function storeDerived(
  db: Transaction,
  hostId: string,
  derived: DerivedAccess,
  at: Date,
): Promise<void> {
  const { refused, failure, leftOut, cuts } = derived;
  const data =
    failure === null
      ? { modelVersion, cuts, refused, notDerived: null, pathsLeftOut: leftOut }
      : { modelVersion, cuts, notDerived: failure };
  const { isConsistent } = await db.accessReading.update({ where: { hostId }, data });
  if (failure !== null) return;
  const isWhole = isConsistent && refused === null && cuts === 0 && leftOut === 0;

  const paths = compare(await db.accessPath.findMany({ where: { hostId }, select: known }), derived.paths);
  const oldPaths = isWhole ? [...paths.stale, ...paths.lacking] : paths.stale;
  await db.$executeRaw`DELETE FROM "AccessPath" WHERE "hostId" = ${hostId}::uuid AND id = ANY (${oldPaths})`;
  await db.$executeRaw`
    UPDATE "AccessPath" SET "goneAt" = ${at}
    WHERE "hostId" = ${hostId}::uuid AND id = ANY (${paths.lacking}) AND "goneAt" IS NULL`;
  for (const rows of portions(paths.fresh))
    await db.accessPath.createMany({
      data: rows.map(({ row, firstSeenAt }) => ({
        hostId,
        ...row,
        firstSeenAt: firstSeenAt ?? at,
        view: json(row.view),
      })),
    });

  const knownFindings = await db.accessFindingRow.findMany({ where: { hostId }, select: known });
  const findings = compare(knownFindings, derived.findings);
  const oldFindings = isWhole ? [...findings.stale, ...findings.lacking] : findings.stale;
  await db.$executeRaw`
    DELETE FROM "AccessFindingRow" WHERE "hostId" = ${hostId}::uuid AND id = ANY (${oldFindings})`;
  await db.$executeRaw`
    UPDATE "AccessFindingRow" SET "goneAt" = ${at}
    WHERE "hostId" = ${hostId}::uuid AND id = ANY (${findings.lacking}) AND "goneAt" IS NULL`;
  for (const rows of portions(findings.fresh))
    await db.accessFindingRow.createMany({
      data: rows.map(({ row, firstSeenAt }) => ({
        hostId,
        ...row,
        firstSeenAt: firstSeenAt ?? at,
        view: json(row.view),
      })),
    });

  const keys = compare(await db.foundKey.findMany({ where: { hostId }, select: known }), derived.keys);
  const oldKeys = isWhole ? [...keys.stale, ...keys.lacking] : keys.stale;
  await db.$executeRaw`DELETE FROM "FoundKey" WHERE "hostId" = ${hostId}::uuid AND id = ANY (${oldKeys})`;
  await db.$executeRaw`
    UPDATE "FoundKey" SET "goneAt" = ${at}
    WHERE "hostId" = ${hostId}::uuid AND id = ANY (${keys.lacking}) AND "goneAt" IS NULL`;
  for (const rows of portions(keys.fresh))
    await db.foundKey.createMany({
      data: rows.map(({ row, firstSeenAt }) => ({ hostId, ...row, firstSeenAt: firstSeenAt ?? at })),
    });
}

const known = { id: true, digest: true, firstSeenAt: true, goneAt: true } as const;

interface Known {
  readonly id: string;
  readonly digest: string;
  readonly firstSeenAt: Date;
  readonly goneAt: Date | null;
}

/**
 * What the reading lacks, and what has to be written: rows that say something else now, and those that are back, take
 * the place of the stale ones.
 */
function compare<Row extends { readonly id: string; readonly digest: string }>(
  before: readonly Known[],
  after: readonly Row[],
): { stale: string[]; lacking: string[]; fresh: { row: Row; firstSeenAt: Date | undefined }[] } {
  const knownById = new Map(before.map((row) => [row.id, row]));
  const fresh = after
    .map((row) => ({ row, old: knownById.get(row.id) }))
    .filter(({ row, old }) => old?.digest !== row.digest || old.goneAt !== null);
  const present = new Set(after.map(({ id }) => id));
  return {
    stale: fresh.flatMap(({ old }) => (old ? [old.id] : [])),
    lacking: before.filter(({ id }) => !present.has(id)).map(({ id }) => id),
    fresh: fresh.map(({ row, old }) => ({ row, firstSeenAt: old?.firstSeenAt })),
  };
}

function* portions<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let at = 0; at < rows.length; at += atOnce) yield rows.slice(at, at + atOnce);
}

/** A view as JSON; Prisma does not take the interfaces of views for it. */
function json(view: object): Prisma.InputJsonObject {
  return JSON.parse(JSON.stringify(view));
}
