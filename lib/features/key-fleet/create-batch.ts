import type { Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { enqueueDrive } from "@/lib/features/access/wake-key-fleet";
import type { BatchKind, Wish } from "@/lib/features/key-fleet/schema";
import type { CommandContext } from "@/lib/usecase";

/** Hosts that begin at once; the others follow, one after the other, so that nothing else waits for them. */
const atOnce = 50;
const mostHosts = 10_000;

export interface NewBatch {
  readonly kind: BatchKind;
  readonly title: string;
  readonly personId?: string;
  /** By host. */
  readonly wishes: ReadonlyMap<string, readonly Wish[]>;
  /** Wanted at once, with these accounts losing their last way in, by host; undefined: a person confirms the plans. */
  readonly confirmed?: ReadonlyMap<string, readonly string[]>;
}

/** Stores a batch and begins with it. Nothing on a host is touched before it is confirmed. */
export async function createBatch(
  { db, actor, now }: Pick<CommandContext, "actor" | "now"> & { db: Transaction },
  { kind, title, personId, wishes, confirmed }: NewBatch,
): Promise<string> {
  if (wishes.size > mostHosts)
    throw new AppError("too_large", `A batch has ${mostHosts} hosts at most. Choose fewer, by a tag.`);
  const batch = await db.keyBatch.create({
    data: {
      kind,
      title,
      personId: personId ?? null,
      authorId: actor.personId,
      createdAt: now,
      ...(confirmed && { confirmedAt: now, confirmedById: actor.personId }),
    },
  });
  await db.keyBatchHost.createMany({
    data: [...wishes].map(([hostId, list]) => ({
      batchId: batch.id,
      hostId,
      wishes: list.map((wish) => ({ ...wish })),
      readAfter: now,
      updatedAt: now,
      ...(confirmed && { confirmedAt: now, confirmedShutOut: [...(confirmed.get(hostId) ?? [])] }),
    })),
  });
  for (const [index, hostId] of [...wishes.keys()].entries())
    await enqueueDrive(
      db,
      hostId,
      index < atOnce ? undefined : new Date(now.getTime() + (index - atOnce) * 50),
    );
  return batch.id;
}
