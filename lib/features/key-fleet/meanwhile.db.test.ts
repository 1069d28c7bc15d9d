import { beforeAll, describe, expect, test } from "vitest";
import type { ChangeState } from "@/lib/change/machine";
import { applyChange, replanChange } from "@/lib/features/changes/commands";
import { planKeys } from "@/lib/features/changes/key-commands";
import { moveTo } from "@/lib/features/changes/progress";
import { getBatch } from "@/lib/features/key-fleet/batch-queries";
import { confirmBatch } from "@/lib/features/key-fleet/commands";
import { planFound } from "@/lib/features/key-fleet/found-batch";
import { offboardPerson } from "@/lib/features/key-fleet/offboard";
import { enablePerson } from "@/lib/features/people/commands";
import { letBackIn } from "@/lib/features/people/let-back-in";
import { addActor, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import {
  addKey,
  addKeyHolder,
  firstFile,
  KeyHost,
  lineOf,
  printOf,
  secondFile,
} from "@/lib/testing/key-host";
import { type Actor, act, read } from "@/lib/usecase";

// What others do to a host between the plan and the act.

const db = await openDatabase();
let admin: Actor;
beforeAll(async () => {
  admin = await addActor(db, "admin", "Ada");
});

const stateOf = async (id: string) => (await db.change.findUniqueOrThrow({ where: { id } })).state;
const apply = (changeId: string, more: object = {}) =>
  act(applyChange, { changeId, keepBy: "login", ...more }, admin, origin);
const look = (batchId: string) => read(getBatch, { batchId }, admin, origin);
const partOf = async (batchId: string, host: KeyHost) =>
  (await look(batchId)).rows.find(({ hostId }) => hostId === host.id) ?? expect.fail("no part");

/** Plans that a key goes from one of alice's files. */
async function planGoing(host: KeyHost, seed: string, file: "alice" | "second"): Promise<string> {
  const path = file === "alice" ? firstFile : secondFile;
  const input = { hostId: host.id, account: "alice", path, remove: [host.seen(seed, file)] };
  return (await act(planKeys, input, admin, origin)).changeId;
}

describe("of two plans that take a way in each, the second is not applied as it was made", () => {
  const twoWays = (one: string, two: string) =>
    KeyHost.add(db, { alice: lineOf(one), second: lineOf(two), root: lineOf("root") });

  test("while the first is younger than it, or its loss is not told", async () => {
    const host = await twoWays("one", "two");
    const first = await planGoing(host, "one", "alice");
    const second = await planGoing(host, "two", "second");
    await host.plan();
    await apply(first);
    await host.end("confirmed");
    await expect(apply(second)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("has ended since this plan was made"),
    });
    // The host is asked again before it was read: the plan does not know of the loss, but what was kept is known.
    await act(replanChange, { changeId: second }, admin, origin);
    await host.plan();
    await expect(apply(second)).rejects.toThrow("nobody could log in any more as alice");
    await host.read();
    await expect(apply(second)).rejects.toThrow("nobody could log in any more as alice");
    expect(await stateOf(second)).toBe("planned");
    await act(replanChange, { changeId: second }, admin, origin);
    await host.plan(["alice"]);
    await expect(apply(second)).rejects.toThrow("type the host's name");
    const { name } = await db.host.findUniqueOrThrow({ where: { id: host.id } });
    await apply(second, { override: { hostName: name } });
    expect(await stateOf(second)).toBe("applying");
  });

  test("when somebody has taken the other way by hand", async () => {
    const host = await twoWays("by-hand", "planned");
    const changeId = await planGoing(host, "planned", "second");
    await host.plan();
    host.keys.alice = "";
    await host.read();
    await expect(apply(changeId)).rejects.toThrow("nobody could log in any more as alice");
  });

  test("and is, when the first was undone, though it was read while that was in force", async () => {
    const host = await twoWays("undone", "goes");
    const first = await planGoing(host, "undone", "alice");
    await host.plan();
    await apply(first);
    const [before, after] = [host.keys.alice ?? "", ""];
    host.keys.alice = after;
    await host.read();
    host.keys.alice = before;
    await db.change.update({
      where: { id: first },
      data: { state: "rolled_back", endedAt: new Date(), baseContent: before, baseSha256: "x" },
    });
    const second = await planGoing(host, "goes", "second");
    await host.plan();
    await apply(second);
    expect(await stateOf(second)).toBe("applying");
  });
});

test("a planned batch tells what another change has made of it, and is not confirmed as it was seen before", async () => {
  const host = await KeyHost.add(db, { alice: lineOf("their"), second: lineOf("ours") });
  const { batchId } = await act(
    planFound,
    { kind: "remove", fingerprints: [printOf("ours")] },
    admin,
    origin,
  );
  await host.readAndPlan();
  expect(await partOf(batchId, host)).toMatchObject({ state: "planned", shutOut: [] });
  const seen = (await look(batchId)).confirmation?.seen;
  const other = await planGoing(host, "their", "alice");
  await host.plan();
  await apply(other);
  await host.end("confirmed");
  await host.readAndPlan();
  expect(await partOf(batchId, host)).toMatchObject({ state: "planned", shutOut: ["alice"] });
  await expect(act(confirmBatch, { batchId, seen, typed: "" }, admin, origin)).rejects.toThrow("moved on");
  const now = (await look(batchId)).confirmation?.seen;
  await expect(act(confirmBatch, { batchId, seen: now, typed: "" }, admin, origin)).rejects.toThrow(
    "Type “1 account”",
  );
});

test("a confirmed batch asks the host again after another change of it", async () => {
  const host = await KeyHost.add(db, { alice: `${lineOf("away")}${lineOf("also")}`, second: lineOf("rest") });
  const { batchId } = await act(
    planFound,
    { kind: "remove", fingerprints: [printOf("away")] },
    admin,
    origin,
  );
  await host.readAndPlan();
  const seen = (await look(batchId)).confirmation?.seen;
  await act(confirmBatch, { batchId, seen, typed: "" }, admin, origin);
  const other = await planGoing(host, "rest", "second");
  await host.plan();
  await apply(other);
  await host.end("confirmed");
  await host.read();
  await host.drive();
  expect((await partOf(batchId, host)).state).toBe("planning");
});

const letGo = async ({ personId, login }: Actor, more: object = {}) =>
  (await act(offboardPerson, { personId, login, ...more }, admin, origin)).batchId ?? expect.fail("no batch");

describe("who leaves is not said to be gone by what was read while another change was open", () => {
  const moved = (changeId: string, to: ChangeState) =>
    db.$transaction(async (tx) => {
      const change = await tx.change.findUniqueOrThrow({ where: { id: changeId } });
      await moveTo(tx, change, to, { kind: to, text: "" });
    });
  test("that takes the line away, and is rolled back", async () => {
    const { person } = await addKeyHolder(db, "Leo", "leo");
    const host = await KeyHost.add(db, { alice: `${lineOf("leo")}${lineOf("stays")}` });
    const changeId = await planGoing(host, "leo", "alice");
    await host.plan();
    await apply(changeId, { keepBy: "person" });
    await moved(changeId, "proving");
    await moved(changeId, "awaiting_person");
    const before = host.keys.alice ?? "";
    host.keys.alice = lineOf("stays");
    const batchId = await letGo(person);
    await host.drive();
    await host.read();
    await host.drive();
    expect(await partOf(batchId, host)).toMatchObject({
      state: "waiting",
      reason: expect.stringContaining("still open on this host"),
    });
    await moved(changeId, "rolling_back");
    await moved(changeId, "rolled_back");
    host.keys.alice = before;
    await host.drive();
    expect((await partOf(batchId, host)).state, "the reading is older than the end").toBe("reading");
    await host.readAndPlan();
    expect((await partOf(batchId, host)).state).toBe("applying");
  });

  test("that brings a key in, and is kept", async () => {
    const { person, key } = await addKeyHolder(db, "Lia", "lia");
    const host = await KeyHost.add(db, { alice: lineOf("stays") });
    const input = { hostId: host.id, account: "alice", path: firstFile, add: [{ keyId: key.id }] };
    const { changeId } = await act(planKeys, input, admin, origin);
    await host.plan();
    await apply(changeId);
    const batchId = await letGo(person);
    await host.read();
    await host.drive();
    expect((await partOf(batchId, host)).state).toBe("waiting");
    await host.end("confirmed");
    await host.drive();
    expect((await partOf(batchId, host)).state).toBe("reading");
    await host.readAndPlan();
    await host.end("confirmed");
    await host.read();
    await host.drive();
    expect((await partOf(batchId, host)).state).toBe("done");
    expect(host.keys).toEqual({ alice: lineOf("stays") });
  });
});

describe("on a host that comes back later, nothing goes any more", () => {
  const reach = (host: KeyHost, reachable: boolean) =>
    db.host.update({ where: { id: host.id }, data: { reachable, unreachableReason: "Timeout." } });

  test.each<[string, (person: Actor) => Promise<unknown>]>([
    ["an admin enables", ({ personId }) => act(enablePerson, { personId }, admin, origin)],
    ["the console lets in", ({ login }) => letBackIn(db, login, new Date())],
  ])("of somebody whom %s again", async (how, letIn) => {
    const seed = how.replaceAll(" ", "-");
    const { person } = await addKeyHolder(db, "Eve", seed);
    const host = await KeyHost.add(db, { alice: `${lineOf(seed)}${lineOf("stays")}` });
    await reach(host, false);
    const batchId = await letGo(person);
    await host.drive();
    expect((await partOf(batchId, host)).state).toBe("waiting");
    await letIn(person);
    await reach(host, true);
    await host.readAndPlan();
    expect((await partOf(batchId, host)).state).toBe("cancelled");
    expect(await db.change.count({ where: { hostId: host.id } })).toBe(0);
  });

  test("of a claimed key that its owner has proved since", async () => {
    const { person } = await addKeyHolder(db, "Mal", "mal");
    const claimed = await addKey(db, person.personId, "vic", false);
    const vic = await addActor(db, "member", "Vic");
    const host = await KeyHost.add(db, { alice: `${lineOf("mal")}${lineOf("vic")}${lineOf("stays")}` });
    await reach(host, false);
    const batchId = await letGo(person, { claimedKeyIds: [claimed.id] });
    // What key.claim does when Vic has signed.
    await db.personKey.update({ where: { id: claimed.id }, data: { removedAt: new Date() } });
    await addKey(db, vic.personId, "vic");
    await reach(host, true);
    await host.readAndPlan();
    await host.end("confirmed");
    await host.read();
    await host.drive();
    expect((await partOf(batchId, host)).state).toBe("done");
    expect(host.keys).toEqual({ alice: `${lineOf("vic")}${lineOf("stays")}` });
  });
});
