import type { Db, Transaction } from "@/lib/db/client";
import { listen } from "@/lib/db/listener";
import type { Prisma } from "@/lib/generated/prisma/client";

/** News for open pages: "look again" and what about. Never a secret, and no more than the topic's readers may see. */
export interface NewEvent {
  /** "host:<id>", "change:<id>", "operation:<id>", "hosts" */
  readonly topic: string;
  readonly kind: string;
  readonly data: Prisma.InputJsonObject;
}

/** News as it stands in the database. */
export interface StoredEvent {
  /** Grows in the order of commits: after having seen one, no smaller one can appear. */
  readonly id: bigint;
  readonly topic: string;
  readonly kind: string;
  readonly data: Prisma.JsonValue;
}

/** Rows read at once; a client that was away long gets its replay in portions. */
const portion = 200;

/** Appends news in the caller's transaction; listeners hear of it when that commits, in the order of commits. */
export async function appendEvent(db: Transaction, { topic, kind, data }: NewEvent): Promise<void> {
  await appendEvents(db, [{ topic, kind, data }]);
}

/** The same for several, in their order: one statement. */
export async function appendEvents(db: Transaction, events: readonly NewEvent[]): Promise<void> {
  await db.event.createMany({ data: events.map(({ topic, kind, data }) => ({ topic, kind, data })) });
}

/** The id of the newest event, 0 when there is none. What a page shows now is at least as new. */
export async function newestEventId(db: Db): Promise<bigint> {
  const { _max } = await db.event.aggregate({ _max: { id: true } });
  return _max.id ?? 0n;
}

/**
 * Every event of these topics after `after`, first those that exist, then each as it is committed; none is left out and
 * none comes twice. Ends when `signal` is aborted.
 *
 * @param after the last id that the listener has seen; undefined: only what is new
 * @throws the database's error when it cannot be read
 */
export async function* followEvents(
  db: Db,
  topics: readonly string[],
  { after, signal }: { after?: bigint | undefined; signal: AbortSignal },
): AsyncGenerator<StoredEvent, void> {
  const wanted = new Set(topics);
  let news = true;
  let wake: () => void = () => {};
  // Listening begins before the first reading, so that nothing falls between them.
  const stopListening = listen((topic) => {
    if (topic !== undefined && !wanted.has(topic)) return;
    news = true;
    wake();
  });
  const onAbort = () => wake();
  signal.addEventListener("abort", onAbort);
  try {
    let last = after ?? (await newestEventId(db));
    while (!signal.aborted) {
      news = false;
      const events = await readAfter(db, topics, last);
      for (const event of events) {
        yield event;
        last = event.id;
      }
      if (events.length === portion) continue;
      if (!news && !signal.aborted)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    stopListening();
    signal.removeEventListener("abort", onAbort);
  }
}

function readAfter(db: Db, topics: readonly string[], last: bigint): Promise<StoredEvent[]> {
  return db.event.findMany({
    where: { topic: { in: [...topics] }, id: { gt: last } },
    orderBy: { id: "asc" },
    take: portion,
    select: { id: true, topic: true, kind: true, data: true },
  });
}
