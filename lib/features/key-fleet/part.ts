import type { Transaction } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { moveTo, storableText } from "@/lib/features/changes/progress";
import type { BatchHostState } from "@/lib/features/key-fleet/schema";
import type { Change, KeyBatchHost, Prisma } from "@/lib/generated/prisma/client";

/** Writes where a host's part stands, and tells the page; nothing when it says so already. */
export async function setPart(
  db: Transaction,
  part: Pick<KeyBatchHost, "id" | "batchId" | "state" | "reason">,
  state: BatchHostState,
  at: Date,
  { reason = null, ...more }: Prisma.KeyBatchHostUpdateInput & { reason?: string | null } = {},
): Promise<void> {
  const text = reason === null ? null : storableText(reason);
  if (part.state === state && part.reason === text && Object.keys(more).length === 0) return;
  const isEnd = state === "done" || state === "cancelled";
  await db.keyBatchHost.update({
    where: { id: part.id },
    data: { ...more, state, reason: text, updatedAt: at, ...(isEnd && { endedAt: at }) },
  });
  await appendEvent(db, { topic: `key-batch:${part.batchId}`, kind: state, data: {} });
}

/** Throws away a change that a batch has planned and does not need any more. */
export async function dropChange(db: Transaction, change: Change, why: string, at: Date): Promise<void> {
  await db.keyBatchChange.update({ where: { changeId: change.id }, data: { settledAt: at } });
  if (change.state === "planned" || change.state === "planning")
    await moveTo(db, change, "discarded", { kind: "discarded", text: why });
}
