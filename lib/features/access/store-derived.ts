import type { Transaction } from "@/lib/db/client";
import { type DerivedAccess, modelVersion } from "@/lib/features/access/derive";
import type { Prisma } from "@/lib/generated/prisma/client";

/** Rows that one statement writes: each has some twenty values, and PostgreSQL takes 65,535. */
const atOnce = 1000;

/**
 * Writes what a reading comes to in place of what was there. A row that says the same is not touched, a way that stays
 * keeps its id and the moment at which it was first seen, and one that is gone is removed.
 *
 * Belongs into the transaction that writes the reading. What could not be judged leaves the rows as they are, and is said.
 *
 * @param at the moment of the reading
 */
export async function storeDerived(
  db: Transaction,
  hostId: string,
  derived: DerivedAccess,
  at: Date,
): Promise<void> {
  if (derived.failure !== null) {
    await db.accessReading.update({
      where: { hostId },
      data: { modelVersion, notDerived: derived.failure },
    });
    return;
  }
  const knownPaths = await db.accessPath.findMany({ where: { hostId }, select: known });
  const paths = compare(knownPaths, derived.paths);
  await db.$executeRaw`DELETE FROM "AccessPath" WHERE "hostId" = ${hostId}::uuid AND id = ANY (${paths.gone})`;
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
  await db.$executeRaw`
    DELETE FROM "AccessFindingRow" WHERE "hostId" = ${hostId}::uuid AND id = ANY (${findings.gone})`;
  for (const rows of portions(findings.fresh))
    await db.accessFindingRow.createMany({
      data: rows.map(({ row, firstSeenAt }) => ({
        hostId,
        ...row,
        firstSeenAt: firstSeenAt ?? at,
        view: json(row.view),
      })),
    });
  await db.accessReading.update({
    where: { hostId },
    data: {
      modelVersion,
      refused: derived.refused,
      notDerived: null,
      pathsLeftOut: derived.leftOut,
    },
  });
}

const known = { id: true, digest: true, firstSeenAt: true } as const;

interface Known {
  readonly id: string;
  readonly digest: string;
  readonly firstSeenAt: Date;
}

/** What has to be taken out, and what has to be written: changed rows are both. */
function compare<Row extends { readonly id: string; readonly digest: string }>(
  before: readonly Known[],
  after: readonly Row[],
): { gone: string[]; fresh: { row: Row; firstSeenAt: Date | undefined }[] } {
  const knownById = new Map(before.map((row) => [row.id, row]));
  const fresh = after
    .filter((row) => knownById.get(row.id)?.digest !== row.digest)
    .map((row) => ({ row, firstSeenAt: knownById.get(row.id)?.firstSeenAt }));
  const same = new Map(after.map((row) => [row.id, row.digest]));
  return {
    gone: before.filter((row) => same.get(row.id) !== row.digest).map((row) => row.id),
    fresh,
  };
}

function* portions<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let at = 0; at < rows.length; at += atOnce) yield rows.slice(at, at + atOnce);
}

/** A view as JSON; Prisma does not take the interfaces of views for it. */
function json(view: object): Prisma.InputJsonObject {
  return JSON.parse(JSON.stringify(view));
}
