import { expect, test } from "vitest";
import { type ActivityEntry, appendActivity, appendResult } from "@/lib/db/activity";
import { verifyChain } from "@/lib/db/activity-chain";
import { openDatabase } from "@/lib/testing/database";

const db = await openDatabase();

const entry = (detail: Record<string, unknown> = {}): ActivityEntry => ({
  at: new Date(),
  actor: { id: null, name: "Ann" },
  address: "192.0.2.1",
  action: "host.rename",
  outcome: "done",
  target: { type: "host", id: "1", name: "web-1" },
  detail,
});
const append = (what: ActivityEntry) =>
  db.$transaction((tx) => appendActivity(tx, what), { maxWait: 30_000, timeout: 30_000 });
const chain = () => db.activity.findMany({ orderBy: { seq: "asc" } });

test("a hundred appenders at once make one chain without a gap", async () => {
  await Promise.all(Array.from({ length: 100 }, (_, n) => append(entry({ n }))));
  const rows = await chain();
  expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, n) => BigInt(n + 1)));
  expect(verifyChain(rows)).toEqual([]);
});

test("an act that is undone leaves no gap", async () => {
  const undone = db.$transaction(async (tx) => {
    await appendActivity(tx, entry());
    throw new Error("undone");
  });
  await expect(undone).rejects.toThrow("undone");
  await append(entry());
  expect(verifyChain(await chain())).toEqual([]);
});

test.each([
  ["NUL", "a\0b"],
  ["half a surrogate pair", "a\ud800b"],
  ["an emoji and right-to-left marks", "🔑\u202eb"],
  ["a line break", "a\nb"],
])("text of a host with %s is stored and verifies", async (_, text) => {
  await append({ ...entry({ text, nested: [{ [text]: text }] }), actor: { id: null, name: text } });
  expect(verifyChain(await chain())).toEqual([]);
});

test("numbers, dates, big integers and nothing come back as they were hashed", async () => {
  await append(
    entry({ n: 1e21, f: 0.1, m: -0, d: new Date(), b: 12345678901234567890n, u: undefined, x: null }),
  );
  expect(verifyChain(await chain())).toEqual([]);
});

test.each([
  ["update", () => db.$executeRaw`update "Activity" set "actorName" = 'Bob'`],
  ["delete", () => db.$executeRaw`delete from "Activity"`],
  ["truncate", () => db.$executeRaw`truncate "Activity"`],
])("the database refuses to %s rows", async (_, tamper) => {
  const before = (await chain()).length;
  await expect(tamper()).rejects.toThrow(/append-only/);
  expect(await chain()).toHaveLength(before);
});

test("what goes round the trigger, the chain shows", async () => {
  await db.$executeRaw`alter table "Activity" disable trigger "Activity_append_only"`;
  await db.$executeRaw`update "Activity" set "actorName" = 'Bob' where seq = 50`;
  expect(verifyChain(await chain())).toMatchObject([{ seq: 50n, kind: "edited" }]);
  await db.$executeRaw`update "Activity" set "actorName" = 'Ann' where seq = 50`;
  expect(verifyChain(await chain())).toEqual([]);
  await db.$executeRaw`alter table "Activity" enable trigger "Activity_append_only"`;
});

test("a result is linked to the newest intent of its act and target", async () => {
  const target = { type: "change", id: "c1", name: "web-1" } as const;
  await append({ ...entry(), action: "change.apply", target, outcome: "intent" });
  const intent = await append({ ...entry(), action: "change.apply", target, outcome: "intent" });
  await append({ ...entry(), action: "change.apply", target: { ...target, id: "c2" }, outcome: "intent" });
  const result = {
    at: new Date(),
    actor: { id: null, name: "" },
    address: "",
    action: "change.apply",
    target,
  };
  const seq = await db.$transaction((tx) => appendResult(tx, { ...result, outcome: "failed" }));
  expect(await db.activity.findUnique({ where: { seq } })).toMatchObject({
    intentSeq: intent,
    outcome: "failed",
  });
});
