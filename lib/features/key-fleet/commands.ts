import type { Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { enqueueDrive } from "@/lib/features/access/wake-key-fleet";
import { digestOf, isTypedLoss, mayCancel, typedWords } from "@/lib/features/key-fleet/confirmation";
import { BatchId, ConfirmBatchInput, RetryBatchInput } from "@/lib/features/key-fleet/schema";
import type { KeyBatch } from "@/lib/generated/prisma/client";
import { command } from "@/lib/usecase";

/**
 * Wants a batch: the worker applies its plans one after the other, each with every check of a single change.
 *
 * Only what the person has seen is confirmed. A host that could not be asked yet comes later by itself; where a last way in
 * would go there, it asks first.
 */
export const confirmBatch = command({
  name: "key-batch.confirm",
  permission: "config:apply",
  stepUp: true,
  input: ConfirmBatchInput,
  async run({ batchId, seen, typed }, { db, actor, now, record }) {
    const batch = await requireBatch(db, batchId);
    record({ target: { type: "batch", id: batchId, name: batch.title } });
    const parts = await lockParts(db, batchId);
    const open = parts.filter(({ endedAt }) => endedAt === null);
    const asked = open.filter(
      ({ state, confirmedAt }) => state === "asks" || (confirmedAt === null && state === "planned"),
    );
    const isBegun = open.some(({ confirmedAt }) => confirmedAt === null);
    if (asked.length === 0 && !isBegun)
      throw new AppError("conflict", "Nothing of this batch waits for a confirmation.");
    if (
      open.some(({ state, confirmedAt }) => confirmedAt === null && ["reading", "planning"].includes(state))
    )
      throw new AppError(
        "conflict",
        "Some hosts are still being asked. Wait for their plans, and look at them.",
      );
    if (digestOf(open) !== seen)
      throw new AppError(
        "conflict",
        "The plans have moved on since you looked. Look at the page again, and confirm what it says now.",
      );
    const losses = asked.filter(({ shutOut }) => shutOut.length > 0);
    if (losses.length > 0 && !isTypedLoss(typed, losses))
      throw new AppError(
        "invalid",
        `Accounts would lose their last way in. Type “${typedWords(losses)}” to show that you mean it.`,
        { fields: { typed: `Type ${typedWords(losses)}.` } },
      );
    for (const { id, hostId, shutOut, state, confirmedAt, confirmedShutOut } of open) {
      if (confirmedAt !== null && state !== "asks") continue;
      const isSeen = state === "planned" || state === "asks";
      await db.keyBatchHost.update({
        where: { id },
        data: {
          confirmedAt: now,
          confirmedShutOut: isSeen ? [...new Set([...confirmedShutOut, ...shutOut])] : [],
        },
      });
      await enqueueDrive(db, hostId);
    }
    await db.keyBatch.update({
      where: { id: batchId },
      data: { confirmedAt: batch.confirmedAt ?? now, confirmedById: actor.personId },
    });
    const hostNames = await namesOf(
      db,
      losses.map(({ hostId }) => hostId),
    );
    record({
      detail: {
        hosts: open.length,
        lastWaysIn: losses.map(({ hostId, shutOut }) => ({ host: hostNames.get(hostId), accounts: shutOut })),
      },
    });
    return {};
  },
});

/** Ends a batch: what is planned is thrown away. A change that is on its way goes to its end; nothing is undone. */
export const cancelBatch = command({
  name: "key-batch.cancel",
  permission: "config:draft",
  stepUp: true,
  input: BatchId,
  async run({ batchId }, { db, actor, now, record }) {
    const batch = await requireBatch(db, batchId);
    record({ target: { type: "batch", id: batchId, name: batch.title } });
    if (!mayCancel(batch, actor.role))
      throw new AppError(
        "forbidden",
        "Only an owner or admin stops what removes the keys of somebody who has left.",
      );
    const { count } = await db.keyBatch.updateMany({
      where: { id: batchId, cancelledAt: null, hosts: { some: { endedAt: null } } },
      data: { cancelledAt: now },
    });
    if (count === 0) throw new AppError("conflict", "This batch has ended already.");
    const open = await db.keyBatchHost.findMany({ where: { batchId, endedAt: null } });
    for (const { hostId } of open) await enqueueDrive(db, hostId);
    return {};
  },
});

/** Tries what was refused once more, from a new reading. What was confirmed stays confirmed. */
export const retryBatch = command({
  name: "key-batch.retry",
  permission: "config:draft",
  input: RetryBatchInput,
  async run({ batchId, hostId }, { db, now, record }) {
    const batch = await requireBatch(db, batchId);
    record({ target: { type: "batch", id: batchId, name: batch.title } });
    if (batch.cancelledAt) throw new AppError("conflict", "This batch was cancelled. Make a new one.");
    const parts = await db.keyBatchHost.findMany({
      where: {
        batchId,
        endedAt: null,
        state: { in: ["refused", "waiting", "reading"] },
        ...(hostId && { hostId }),
      },
    });
    if (parts.length === 0) throw new AppError("conflict", "Nothing of this waits to be tried again.");
    for (const part of parts) {
      await db.keyBatchHost.update({
        where: { id: part.id },
        data: { state: "reading", reason: null, tries: 0, readAfter: now, askedAt: null, updatedAt: now },
      });
      await enqueueDrive(db, part.hostId);
    }
    record({ detail: { hosts: parts.length } });
    return {};
  },
});

async function requireBatch(db: Transaction, batchId: string): Promise<KeyBatch> {
  await db.$queryRaw`select 1 from "KeyBatch" where id = ${batchId}::uuid for update`;
  const batch = await db.keyBatch.findUnique({ where: { id: batchId } });
  if (!batch) throw new AppError("not_found", "There is no such batch.");
  return batch;
}

/** The worker does not move them on until the transaction ends. */
async function lockParts(db: Transaction, batchId: string) {
  await db.$queryRaw`
    select 1 from "KeyBatchHost" where "batchId" = ${batchId}::uuid and "endedAt" is null order by id for update`;
  return db.keyBatchHost.findMany({ where: { batchId }, orderBy: { id: "asc" } });
}

async function namesOf(db: Transaction, ids: readonly string[]): Promise<Map<string, string>> {
  const hosts = await db.host.findMany({ where: { id: { in: [...ids] } }, select: { id: true, name: true } });
  return new Map(hosts.map(({ id, name }) => [id, name]));
}
