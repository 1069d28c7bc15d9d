import { now } from "@/lib/clock";
import { prisma, type Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { tellPages } from "@/lib/features/key-imports/reach";
import { nextReading } from "@/lib/features/key-imports/timing";
import type { JobContext } from "@/lib/jobs/handlers";
import { internet, type Network } from "@/lib/key-import/fetch-text";
import type { ImportedLines } from "@/lib/key-import/imported-lines";
import { readKeys } from "@/lib/key-import/read-keys";
import { log } from "@/lib/log";

/** Reads one place and writes down what stands there now. What was read before stays when it cannot be read. */
export async function readImport(
  importId: string,
  context: Pick<JobContext, "signal">,
  network: Network = internet,
): Promise<void> {
  const found = await prisma().keyImport.findUnique({
    where: { id: importId },
    include: { person: { select: { disabledAt: true } } },
  });
  // Whoever has left brings no keys.
  if (!found || found.person.disabledAt) return;
  const prefixes = await prisma().keySourceAddress.findMany({ select: { prefix: true } });
  const allowed = prefixes.map(({ prefix }) => prefix);
  try {
    const lines = await readKeys(found, allowed, context.signal, network);
    await prisma().$transaction((db) => recordLines(db, importId, lines, now()));
  } catch (error) {
    // A worker that stops has learned nothing about the place: the job begins again elsewhere.
    if (!(error instanceof AppError) || context.signal.aborted) throw error;
    log.info("Keys could not be imported", { importId, error });
    await prisma().$transaction((db) => recordFailure(db, importId, error.message, now()));
  }
}

/**
 * Writes a reading down: proposals, and nothing else. No key of a person is made, changed or removed here.
 *
 * @throws AppError `unavailable` when the answer looks like something else than the list it was
 */
export async function recordLines(
  db: Transaction,
  importId: string,
  { keys, refused }: ImportedLines,
  at: Date,
): Promise<void> {
  const found = await lockImport(db, importId);
  if (!found) return;
  const known = await db.importedKey.findMany({ where: { importId } });
  const standing = known.filter(({ goneAt }) => goneAt === null);
  if (standing.length > 0 && keys.length === 0 && refused.length > 0)
    throw new AppError(
      "unavailable",
      "There is something else than keys there now. What was read before stands.",
    );
  const standsNow = new Map(keys.map((key) => [key.fingerprint, key]));
  const vanished = standing.filter(({ fingerprint }) => !standsNow.has(fingerprint));
  const owned = new Set(
    (
      await db.personKey.findMany({
        where: {
          personId: found.personId,
          removedAt: null,
          fingerprint: { in: known.map(({ fingerprint }) => fingerprint) },
        },
        select: { fingerprint: true },
      })
    ).map(({ fingerprint }) => fingerprint),
  );
  // A key that is neither there nor here is no news to anybody.
  await db.importedKey.deleteMany({
    where: {
      importId,
      fingerprint: {
        in: known
          .map(({ fingerprint }) => fingerprint)
          .filter((print) => !standsNow.has(print) && !owned.has(print)),
      },
    },
  });
  const lost = vanished.filter(({ fingerprint }) => owned.has(fingerprint));
  await db.importedKey.updateMany({
    where: { importId, fingerprint: { in: lost.map(({ fingerprint }) => fingerprint) } },
    data: { goneAt: at, declinedAt: null },
  });
  await db.importedKey.updateMany({
    where: { importId, goneAt: { not: null }, fingerprint: { in: [...standsNow.keys()] } },
    data: { goneAt: null, declinedAt: null },
  });
  await db.importedKey.createMany({
    data: keys.map(({ fingerprint, type, blob, bits, comment }) => ({
      importId,
      fingerprint,
      type,
      blob: Uint8Array.from(blob),
      bits,
      comment,
      firstSeenAt: at,
    })),
    skipDuplicates: true,
  });
  const isMassRemoval = lost.length > 0 && vanished.length * 2 > standing.length;
  const isAnyGone = (await db.importedKey.count({ where: { importId, goneAt: { not: null } } })) > 0;
  await db.keyImport.update({
    where: { id: importId },
    data: {
      readAt: at,
      failedAt: null,
      failure: null,
      failures: 0,
      nextReadAt: found.isSubscribed ? nextReading(at, 0) : null,
      alarmedAt: isMassRemoval ? at : isAnyGone ? found.alarmedAt : null,
      refusedLines: refused.map((line) => ({ ...line })),
    },
  });
  await tellPages(db, found.personId);
}

async function recordFailure(db: Transaction, importId: string, failure: string, at: Date): Promise<void> {
  const found = await lockImport(db, importId);
  if (!found) return;
  const failures = found.failures + 1;
  await db.keyImport.update({
    where: { id: importId },
    data: {
      failedAt: at,
      failure: failure.slice(0, 1000),
      failures,
      nextReadAt: found.isSubscribed ? nextReading(at, failures) : null,
    },
  });
  await tellPages(db, found.personId);
}

/** Locks the person, as decisions do: a reading and a decision come one after the other. */
async function lockImport(db: Transaction, importId: string) {
  await db.$queryRaw`
    select 1 from "Person" p join "KeyImport" i on i."personId" = p.id where i.id = ${importId}::uuid for update of p`;
  return db.keyImport.findUnique({ where: { id: importId } });
}
