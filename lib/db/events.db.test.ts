import { describe, expect, test } from "vitest";
import { appendEvent, followEvents, newestEventId, type StoredEvent } from "@/lib/db/events";
import { openDatabase } from "@/lib/testing/database";

const db = await openDatabase();

const append = (topic: string, kind: string) =>
  db.$transaction((tx) => appendEvent(tx, { topic, kind, data: {} }));

/** Collects kinds until `count` have come. */
async function follow(topics: string[], count: number, after?: bigint): Promise<StoredEvent[]> {
  const stop = new AbortController();
  const seen: StoredEvent[] = [];
  for await (const event of followEvents(db, topics, { after, signal: stop.signal })) {
    seen.push(event);
    if (seen.length === count) stop.abort();
  }
  return seen;
}

describe("followEvents", () => {
  test("replays what was missed after an id, of its topics only, in order", async () => {
    const before = await newestEventId(db);
    await append("host:a", "one");
    await append("host:b", "other");
    await append("host:a", "two");
    expect((await follow(["host:a"], 2, before)).map((event) => event.kind)).toEqual(["one", "two"]);
  });

  test("hears of an event that another connection commits later", async () => {
    const following = follow(["host:live"], 2, await newestEventId(db));
    await append("host:live", "first");
    await append("host:live", "second");
    expect((await following).map((event) => event.kind)).toEqual(["first", "second"]);
  });

  test("a long replay comes whole, portion by portion", async () => {
    const before = await newestEventId(db);
    const data = Array.from({ length: 450 }, (_, index) => ({
      topic: "many",
      kind: String(index),
      data: {},
    }));
    await db.event.createMany({ data });
    expect((await follow(["many"], 450, before)).map((event) => event.kind)).toEqual(
      data.map((row) => row.kind),
    );
  });

  test("an event of a transaction that rolls back is never seen", async () => {
    const before = await newestEventId(db);
    const rolledBack = db.$transaction(async (tx) => {
      await appendEvent(tx, { topic: "undone", kind: "no", data: {} });
      throw new Error("undo");
    });
    await expect(rolledBack).rejects.toThrow("undo");
    await append("undone", "yes");
    expect((await follow(["undone"], 1, before)).map((event) => event.kind)).toEqual(["yes"]);
  });

  test("ends when its signal is aborted while it waits", async () => {
    const stop = new AbortController();
    const following = followEvents(db, ["silent"], { signal: stop.signal }).next();
    stop.abort();
    expect((await following).done).toBe(true);
  });
});

test("a transaction that appended first and commits last gets the higher number, so that no replay misses it", async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let appended = () => {};
  const hasAppended = new Promise<void>((resolve) => {
    appended = resolve;
  });
  const slow = db.$transaction(async (tx) => {
    await appendEvent(tx, { topic: "order", kind: "slow", data: {} });
    appended();
    await held;
  });
  await hasAppended;
  await append("order", "quick");
  const seen = await newestEventId(db);
  release();
  await slow;
  expect((await follow(["order"], 1, seen)).map((event) => event.kind)).toEqual(["slow"]);
});

test("parallel appends neither deadlock nor lose one", async () => {
  const before = await newestEventId(db);
  await Promise.all(Array.from({ length: 40 }, (_, index) => append("storm", String(index))));
  const seen = await follow(["storm"], 40, before);
  expect(new Set(seen.map((event) => event.kind)).size).toBe(40);
  expect(seen.map((event) => event.id)).toEqual(
    seen.map((event) => event.id).sort((a, b) => (a < b ? -1 : 1)),
  );
});
