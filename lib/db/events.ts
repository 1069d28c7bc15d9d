import type { Transaction } from "@/lib/db/client";
import type { Prisma } from "@/lib/generated/prisma/client";

/** News for open pages: "look again" and what about. Never a secret, and no more than the topic's readers may see. */
export interface NewEvent {
  /** "host:<id>", "change:<id>", "operation:<id>", "hosts" */
  readonly topic: string;
  readonly kind: string;
  readonly data: Prisma.InputJsonObject;
}

/** Appends news in the caller's transaction; listeners hear of it when that commits, in the order of commits. */
export async function appendEvent(db: Transaction, { topic, kind, data }: NewEvent): Promise<void> {
  await db.event.create({ data: { topic, kind, data } });
}
