import { beforeAll, expect, test } from "vitest";
import { getBatch, listBatches } from "@/lib/features/key-fleet/batch-queries";
import { cancelBatch, confirmBatch, retryBatch } from "@/lib/features/key-fleet/commands";
import { planFound } from "@/lib/features/key-fleet/found-batch";
import { getLeaving } from "@/lib/features/key-fleet/leaving-queries";
import { offboardPerson } from "@/lib/features/key-fleet/offboard";
import type { BatchView } from "@/lib/features/key-fleet/views";
import { planWanted } from "@/lib/features/key-fleet/wanted-batch";
import { createGrant, revokeGrant } from "@/lib/features/placements/commands";
import { can, roles } from "@/lib/policy/permissions";
import { addActor, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { addKeyHolder, KeyHost, lineOf, printOf } from "@/lib/testing/key-host";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
let admin: Actor;
beforeAll(async () => {
  admin = await addActor(db, "admin", "Ada");
});

const personWith = (name: string, seed: string, isProved = true) => addKeyHolder(db, name, seed, isProved);
const TestHost = { add: (keys: Record<string, string>) => KeyHost.add(db, keys) };

const look = (batchId: string, actor = admin): Promise<BatchView> =>
  read(getBatch, { batchId }, actor, origin);
const partOf = async (batchId: string, host: KeyHost) =>
  (await look(batchId)).rows.find(({ hostId }) => hostId === host.id) ?? expect.fail("no part");

async function confirm(batchId: string, typed = ""): Promise<void> {
  const { confirmation } = await look(batchId);
  await act(confirmBatch, { batchId, seen: confirmation?.seen, typed }, admin, origin);
}

test("a key goes from two files of a host, one after the other, each seen by a reading before it counts", async () => {
  const host = await TestHost.add({
    alice: `# hers\n${lineOf("gone")}${lineOf("stays")}`,
    bob: `${lineOf("gone")}${lineOf("stays")}`,
  });
  const input = { kind: "remove", fingerprints: [printOf("gone")] };
  const { batchId } = await act(planFound, input, admin, origin);
  await host.drive();
  // A reading from before the wish says nothing.
  expect((await partOf(batchId, host)).state).toBe("reading");
  await host.read();
  await host.drive();
  expect((await partOf(batchId, host)).state).toBe("planning");
  await host.plan();
  await host.drive();
  const planned = await partOf(batchId, host);
  expect(planned).toMatchObject({ state: "planned", isConfirmed: false, losesWays: 2, shutOut: [] });
  expect(planned.changes).toHaveLength(2);
  await host.drive();
  expect(await db.change.count({ where: { hostId: host.id, state: "applying" } })).toBe(0);

  await expect(act(confirmBatch, { batchId, seen: "0".repeat(64) }, admin, origin)).rejects.toMatchObject({
    code: "conflict",
  });
  const tired = { ...admin, steppedUpAt: null };
  await expect(act(confirmBatch, { batchId, seen: "0".repeat(64) }, tired, origin)).rejects.toMatchObject({
    code: "step_up_required",
  });
  await confirm(batchId);
  await host.drive();
  expect((await partOf(batchId, host)).state).toBe("applying");
  await host.end("confirmed");
  await host.drive();
  expect((await partOf(batchId, host)).state).toBe("reading");
  await host.read();
  await host.drive();
  // The plan of the second file is older than the change of the first: it is made anew.
  expect((await partOf(batchId, host)).state).toBe("planning");
  await host.plan();
  await host.drive();
  await host.end("confirmed");
  await host.drive();
  expect((await partOf(batchId, host)).state).toBe("reading");
  await host.read();
  await host.drive();
  expect((await partOf(batchId, host)).state).toBe("done");
  expect(host.keys).toEqual({ alice: `# hers\n${lineOf("stays")}`, bob: lineOf("stays") });
  expect(await look(batchId)).toMatchObject({ hosts: 1, done: 1, confirmation: null, canConfirm: false });
  const intents = await db.activity.count({ where: { action: "change.apply", outcome: "intent" } });
  expect(intents).toBe(2);
});

test("who takes an account's last way in types how many lose it", async () => {
  const host = await TestHost.add({ alice: lineOf("last"), root: lineOf("other") });
  const { batchId } = await act(
    planFound,
    { kind: "remove", fingerprints: [printOf("last")] },
    admin,
    origin,
  );
  await host.read();
  await host.drive();
  await host.plan(["alice"]);
  await host.drive();
  expect((await look(batchId)).confirmation).toMatchObject({
    typed: "1 account",
    losses: [{ accounts: ["alice"] }],
  });
  await expect(confirm(batchId)).rejects.toThrow("Type “1 account”");
  await confirm(batchId, "1 account");
  await host.drive();
  expect((await partOf(batchId, host)).state).toBe("applying");
});

test("two changes of which each leaves a way in are judged together: what both take is typed", async () => {
  const host = await TestHost.add({ alice: lineOf("twice"), second: lineOf("twice") });
  const { batchId } = await act(
    planFound,
    { kind: "remove", fingerprints: [printOf("twice")] },
    admin,
    origin,
  );
  await host.read();
  await host.drive();
  await host.plan();
  await host.drive();
  expect(await partOf(batchId, host)).toMatchObject({
    state: "planned",
    shutOut: ["alice"],
    changes: [{ account: "alice" }, { account: "alice" }],
  });
  await expect(confirm(batchId)).rejects.toThrow("Type “1 account”");
  await confirm(batchId, "1 account");
  await host.drive();
  await host.end("confirmed");
  await host.read();
  await host.drive();
  await host.plan(["alice"]);
  await host.drive();
  expect((await partOf(batchId, host)).state).toBe("applying");
  await host.end("confirmed");
  await host.read();
  await host.drive();
  expect((await partOf(batchId, host)).state).toBe("done");
  expect(host.keys).toEqual({ alice: "", second: "" });
});

test("a loss that nobody has confirmed is asked for, on a host that came back later", async () => {
  const [near, far] = [
    await TestHost.add({ alice: `${lineOf("far")}${lineOf("safe")}` }),
    await TestHost.add({ alice: lineOf("far") }),
  ];
  await db.host.update({ where: { id: far.id }, data: { reachable: false, unreachableReason: "Timeout." } });
  const { batchId } = await act(planFound, { kind: "remove", fingerprints: [printOf("far")] }, admin, origin);
  for (const host of [near, far]) await host.drive();
  expect(await partOf(batchId, far)).toMatchObject({
    state: "waiting",
    reason: expect.stringContaining("Timeout"),
  });
  await expect(confirm(batchId)).rejects.toThrow("still being asked");
  await near.read();
  await near.drive();
  await near.plan();
  await near.drive();
  expect((await look(batchId)).confirmation).toMatchObject({ planned: 1, later: 1, typed: null });
  await confirm(batchId);

  await db.host.update({ where: { id: far.id }, data: { reachable: true } });
  await far.read();
  await far.drive();
  await far.plan(["alice"]);
  await far.drive();
  expect(await partOf(batchId, far)).toMatchObject({ state: "asks", shutOut: ["alice"] });
  await far.drive();
  expect(await db.change.count({ where: { hostId: far.id, state: "applying" } })).toBe(0);
  await confirm(batchId, "1 account");
  await far.drive();
  expect((await partOf(batchId, far)).state).toBe("applying");
});

test("a file that somebody edited is read again; an undone change waits for a person", async () => {
  const host = await TestHost.add({ alice: `${lineOf("edited")}${lineOf("stays")}` });
  const { batchId } = await act(
    planFound,
    { kind: "remove", fingerprints: [printOf("edited")] },
    admin,
    origin,
  );
  await host.read();
  await host.drive();
  host.keys.alice = `# new\n${host.keys.alice}`;
  await host.plan();
  await host.drive();
  expect(await partOf(batchId, host)).toMatchObject({
    state: "reading",
    reason: expect.stringContaining("not as it was seen"),
  });
  await host.read();
  await host.drive();
  await host.plan();
  await host.drive();
  await confirm(batchId);
  await host.drive();
  await host.end("rolled_back", "The fresh login failed.");
  await host.drive();
  await host.read();
  await host.drive();
  expect(await partOf(batchId, host)).toMatchObject({ state: "refused", reason: "The fresh login failed." });
  await act(retryBatch, { batchId, hostId: host.id }, admin, origin);
  await host.read();
  await host.drive();
  await host.plan();
  await host.drive();
  expect((await partOf(batchId, host)).state).toBe("applying");
});

test("a reading that does not show everything proves nothing", async () => {
  const host = await TestHost.add({ alice: lineOf("hidden") });
  const { batchId } = await act(
    planFound,
    { kind: "remove", fingerprints: [printOf("hidden")] },
    admin,
    origin,
  );
  host.keys.alice = "";
  await host.read({ isConsistent: false });
  await host.drive();
  expect(await partOf(batchId, host)).toMatchObject({
    state: "refused",
    reason: expect.stringContaining("Nobody can tell that this is all"),
  });
  expect(await db.foundKey.count({ where: { hostId: host.id, goneAt: null } })).toBe(0);
  await act(retryBatch, { batchId }, admin, origin);
  await host.read();
  await host.drive();
  expect((await partOf(batchId, host)).state).toBe("done");
});

test("a cancelled batch throws its plans away", async () => {
  const host = await TestHost.add({ alice: lineOf("kept") });
  const { batchId } = await act(
    planFound,
    { kind: "remove", fingerprints: [printOf("kept")] },
    admin,
    origin,
  );
  await host.read();
  await host.drive();
  await host.plan();
  await host.drive();
  const tired = { ...admin, steppedUpAt: null };
  await expect(act(cancelBatch, { batchId }, tired, origin)).rejects.toMatchObject({
    code: "step_up_required",
  });
  const operator = await addActor(db, "operator", "Opa");
  expect((await look(batchId, operator)).canCancel).toBe(true);
  await act(cancelBatch, { batchId }, operator, origin);
  await host.drive();
  expect((await partOf(batchId, host)).state).toBe("cancelled");
  expect(await db.change.findFirst({ where: { hostId: host.id } })).toMatchObject({ state: "discarded" });
  await expect(act(cancelBatch, { batchId }, admin, origin)).rejects.toMatchObject({ code: "conflict" });
});

test("what removes the keys of somebody who has left is stopped only by whoever may let people go", async () => {
  const { person } = await personWith("Cem", "cem");
  const host = await TestHost.add({ alice: `${lineOf("cem")}${lineOf("stays")}` });
  const input = { personId: person.personId, login: person.login };
  const batchId = (await act(offboardPerson, input, admin, origin)).batchId ?? expect.fail("no batch");
  const operator = await addActor(db, "operator", "Olga");
  expect((await look(batchId, operator)).canCancel).toBe(false);
  await expect(act(cancelBatch, { batchId }, operator, origin)).rejects.toMatchObject({ code: "forbidden" });
  await host.readAndPlan();
  expect((await partOf(batchId, host)).state).toBe("applying");
  expect((await look(batchId)).canCancel).toBe(true);
  await act(cancelBatch, { batchId }, admin, origin);
});

test("a grant by tag is placed on every host with it, and withdrawn from them", async () => {
  const { person, key } = await personWith("Tom", "tom");
  const hosts = [await TestHost.add({ alice: "" }), await TestHost.add({ alice: lineOf("other") })];
  await db.host.updateMany({ where: { id: { in: hosts.map(({ id }) => id) } }, data: { tags: ["fleet-a"] } });
  const input = { personId: person.personId, tag: "fleet-a", account: "alice" };
  const { grantId } = await act(createGrant, input, admin, origin);
  const { batchId } = await act(planWanted, { kind: "place", personId: person.personId }, admin, origin);
  for (const host of hosts) {
    await host.read();
    await host.drive();
    await host.plan();
    await host.drive();
  }
  expect((await look(batchId)).confirmation).toMatchObject({
    planned: 2,
    gainsWays: 2,
    losesWays: 0,
    typed: null,
  });
  await confirm(batchId);
  for (const host of hosts) {
    await host.drive();
    await host.end("confirmed");
    await host.drive();
    expect((await partOf(batchId, host)).state).toBe("reading");
    await host.read();
    await host.drive();
    expect((await partOf(batchId, host)).state).toBe("done");
    expect(host.keys.alice).toContain(Buffer.from(key.blob).toString("base64"));
  }
  await expect(act(planWanted, { kind: "place", personId: person.personId }, admin, origin)).rejects.toThrow(
    "there already",
  );
  await act(revokeGrant, { grantId }, admin, origin);
  const gone = await act(planWanted, { kind: "withdraw", tag: "fleet-a" }, admin, origin);
  expect((await look(gone.batchId)).hosts).toBe(2);
});

test("who leaves is out at once, and is gone from a host only when a reading shows it", async () => {
  const { person, key } = await personWith("Leo", "leo");
  const claimed = await personWith("Lea", "lea-claimed", false);
  const [own, shared] = [
    await TestHost.add({ leo: lineOf("leo"), root: lineOf("boss") }),
    await TestHost.add({
      alice: `${lineOf("leo")}${lineOf("another")}cert-authority ${lineOf("leo")}`,
    }),
  ];
  const clean = await TestHost.add({ alice: lineOf("another") });
  await act(createGrant, { personId: person.personId, hostId: own.id, account: "leo" }, admin, origin);
  await db.session.create({
    data: {
      tokenHash: Buffer.from("leo"),
      personId: person.personId,
      endsAt: new Date(Date.now() + 1e7),
      method: "passkey",
      address: "",
      userAgent: "",
    },
  });
  const leaving = await read(getLeaving, { personId: person.personId }, admin, origin);
  expect(leaving).toMatchObject({
    keys: [{ keyId: key.id, hosts: 2, lines: 3 }],
    grants: 1,
    sessions: 1,
    aloneCount: 1,
    alone: [{ account: "leo", isRoot: false }],
    obstacle: null,
  });
  const offboard = (more: object, actor = admin) =>
    act(offboardPerson, { personId: person.personId, login: person.login, ...more }, actor, origin);
  await expect(offboard({ login: "somebody" })).rejects.toThrow("Type the login");
  expect(await db.session.count({ where: { personId: person.personId, revokedAt: null } })).toBe(1);
  const { batchId } = await offboard({
    alone: leaving.alone.map(({ hostId, account }) => ({ hostId, account })),
  });
  if (batchId === null) expect.fail("no batch");
  expect(await db.person.findUnique({ where: { id: person.personId } })).toMatchObject({
    disabledAt: expect.any(Date),
  });
  expect(await db.session.count({ where: { personId: person.personId, revokedAt: null } })).toBe(0);
  expect(await db.accountGrant.count({ where: { personId: person.personId, revokedAt: null } })).toBe(0);
  await expect(offboard({})).rejects.toThrow("already");

  for (const host of [own, shared, clean]) {
    await host.drive();
    expect((await partOf(batchId, host)).state).toBe("reading");
    await host.read();
    await host.drive();
    await host.plan(host === own ? ["leo"] : []);
    await host.drive();
  }
  // Nobody has to confirm once more what was confirmed with the act; a clean host is proved by its reading.
  expect((await partOf(batchId, own)).state).toBe("applying");
  expect((await partOf(batchId, shared)).state).toBe("applying");
  expect((await partOf(batchId, clean)).state).toBe("done");
  for (const host of [own, shared]) {
    await host.end("confirmed");
    await host.drive();
    await host.read();
    await host.drive();
    expect((await partOf(batchId, host)).state).toBe("done");
  }
  expect(own.keys).toEqual({ leo: "", root: lineOf("boss") });
  expect(shared.keys).toEqual({ alice: lineOf("another") });
  const { personId } = claimed.person;
  expect((await read(getLeaving, { personId }, admin, origin)).keys).toMatchObject([{ isProved: false }]);
});

test("root's last way in is asked for, whatever was said at the leaving", async () => {
  const { person } = await personWith("Rob", "rob");
  const host = await TestHost.add({ root: lineOf("rob") });
  const alone = [{ hostId: host.id, account: "root" }];
  const input = { personId: person.personId, login: person.login, alone };
  const { batchId } = await act(offboardPerson, input, admin, origin);
  if (batchId === null) expect.fail("no batch");
  await host.read();
  await host.drive();
  await host.plan(["root"]);
  await host.drive();
  expect(await partOf(batchId, host)).toMatchObject({ state: "asks", shutOut: ["root"] });
});

test("what is claimed and is another's is not taken with whoever claims it", async () => {
  const victim = await personWith("Vic", "vic");
  const mallory = await personWith("Mal", "mal");
  // It was Mallory's once, and Vic has proved it since.
  await db.personKey.create({
    data: {
      ...(await db.personKey.findUniqueOrThrow({ where: { id: victim.key.id } })),
      id: undefined,
      attestation: undefined,
      personId: mallory.person.personId,
      removedAt: new Date(),
    },
  });
  const host = await TestHost.add({ alice: `${lineOf("vic")}${lineOf("mal")}` });
  const input = { personId: mallory.person.personId, login: mallory.person.login };
  const { batchId } = await act(offboardPerson, input, admin, origin);
  if (batchId === null) expect.fail("no batch");
  await host.read();
  await host.drive();
  await host.plan();
  await host.drive();
  await host.end("confirmed");
  expect(host.keys.alice).toBe(lineOf("vic"));
});

test.each(roles)("%s plans, confirms, lists and lets go as far as the role goes", async (role) => {
  const actor = await addActor(db, role, `A ${role}`);
  await TestHost.add({ alice: lineOf(`for ${role}`) });
  const outcome = async (done: Promise<unknown>) =>
    done.then(
      () => true,
      (error) =>
        error.code === "forbidden" ? false : error.code === "conflict" ? true : Promise.reject(error),
    );
  const fingerprints = [printOf(`for ${role}`)];
  const remove = { kind: "remove", fingerprints };
  const expire = { kind: "expire", fingerprints, at: "2099-01-01T00:00:00Z" };
  expect(await outcome(act(planFound, remove, actor, origin))).toBe(can(role, "config:draft"));
  expect(await outcome(act(planFound, expire, actor, origin))).toBe(can(role, "access:grant"));
  expect(await outcome(read(listBatches, {}, actor, origin))).toBe(can(role, "config:read"));
  const { batchId } = await act(planFound, remove, admin, origin);
  const seen = "0".repeat(64);
  expect(await outcome(act(confirmBatch, { batchId, seen }, actor, origin))).toBe(can(role, "config:apply"));
  const { person } = await personWith(`Left by ${role}`, `left by ${role}`);
  const leave = { personId: person.personId, login: person.login };
  expect(await outcome(act(offboardPerson, leave, actor, origin))).toBe(can(role, "person:write"));
});
