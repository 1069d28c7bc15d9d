import { beforeAll, expect, test } from "vitest";
import { hostWith } from "@/lib/access/testing/host";
import { packFacts } from "@/lib/features/access/stored-facts";
import { applyChange, randomHostRef } from "@/lib/features/changes/commands";
import { planKeys } from "@/lib/features/changes/key-commands";
import { putBackKeys } from "@/lib/features/changes/put-back";
import { writePlan } from "@/lib/features/changes/stored";
import type { ChangePlanView } from "@/lib/features/changes/views";
import { planWanted } from "@/lib/features/key-fleet/wanted-batch";
import { createGrant, revokeGrant } from "@/lib/features/placements/commands";
import { getHostKeys } from "@/lib/features/placements/queries";
import { ed25519PublicKey, fingerprint, printPublicKey } from "@/lib/openssh-keys/public-key";
import { can, roles } from "@/lib/policy/permissions";
import { addActor, addHost, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
const path = "/home/alice/.ssh/authorized_keys";
const harmless: ChangePlanView = {
  test: { code: 0, lines: [] },
  effective: [],
  management: { getsIn: true, reasons: [], doubts: [] },
  touches: [],
  needsPerson: false,
  needsExecutePermission: false,
  access: null,
  rules: null,
  twoFactor: null,
  readAt: "2026-01-01T00:00:00.000Z",
};
let admin: Actor;
beforeAll(async () => {
  admin = await addActor(db, "admin", "Ada");
});

let seeds = 0;

/** A member with a key. */
async function personWithKey(name: string, { isProved = true } = {}) {
  const person = await addActor(db, "member", name);
  const { blob, type } = ed25519PublicKey(new Uint8Array(32).fill(++seeds), name);
  const key = await db.personKey.create({
    data: {
      personId: person.personId,
      fingerprint: fingerprint(blob),
      type,
      blob: new Uint8Array(blob),
      bits: 256,
      name: `Key of ${name}`,
      origin: "pasted",
      provedAt: isProved ? new Date() : null,
    },
  });
  return { person, key, line: `${printPublicKey({ blob, type, comment: name })}\n` };
}

/** A host that was read, with these keys in alice's file. */
async function hostWithKeys(keys: string): Promise<string> {
  const hostId = await addHost(db);
  const facts = hostWith({ config: "", accounts: [{ name: "root" }, { name: "alice", keys }] });
  await db.accessReading.create({ data: { hostId, facts: packFacts(facts), readAt: new Date() } });
  return hostId;
}

/** What a person marks who takes the first line out. */
function aliceOf({ files }: Awaited<ReturnType<typeof aliceOn>>) {
  const { fingerprint, line, sha256 } = files[0]?.keys[0] ?? expect.fail("no line");
  return { fingerprint, seen: { line, sha256 } };
}

async function aliceOn(hostId: string, actor = admin) {
  const view = await read(getHostKeys, { hostId }, actor, origin);
  return view.accounts.find(({ name }) => name === "alice") ?? expect.fail("no alice");
}

test("a grant makes proved keys wanted; what is there shows only by the reading; its end makes them unwanted", async () => {
  const bob = await personWithKey("Bob");
  const carl = await personWithKey("Carl", { isProved: false });
  const dora = await personWithKey("Dora");
  const hostId = await hostWithKeys(`${bob.line}${dora.line}`);
  expect((await aliceOn(hostId)).files[0]?.keys).toMatchObject([
    { line: 1, ownerName: "Bob", standing: "other", remark: null },
    { line: 2, ownerName: "Dora", standing: "other" },
  ]);

  const grantTo = (person: Actor, more: object = {}) =>
    act(createGrant, { personId: person.personId, hostId, account: "alice", ...more }, admin, origin);
  const { grantId } = await grantTo(bob.person, { options: { restrict: true } });
  await grantTo(carl.person);
  const granted = await aliceOn(hostId);
  expect(granted.missing).toEqual([]);
  expect(granted.grants.map(({ personName, keys }) => [personName, keys])).toEqual([
    ["Bob", 1],
    ["Carl", 0],
  ]);
  expect(granted.files[0]?.keys[0]).toMatchObject({
    standing: "wanted",
    remark: "The grant asks for other options: restrict.",
    otherwise: { keyId: bob.key.id, options: { restrict: true } },
  });
  await expect(grantTo(bob.person)).rejects.toMatchObject({ code: "conflict" });
  await expect(grantTo(dora.person, { endsAt: "2020-01-01T00:00:00Z" })).rejects.toMatchObject({
    code: "invalid",
  });

  await act(revokeGrant, { grantId }, admin, origin);
  await expect(act(revokeGrant, { grantId }, admin, origin)).rejects.toMatchObject({ code: "conflict" });
  expect((await aliceOn(hostId)).files[0]?.keys).toMatchObject([
    { standing: "unwanted", remark: "Bob may not use alice any more." },
    { standing: "other" },
  ]);
  await db.person.update({ where: { id: dora.person.personId }, data: { disabledAt: new Date() } });
  expect((await aliceOn(hostId)).files[0]?.keys[1]).toMatchObject({ standing: "unwanted" });
});

test("of two grants for one thing at one moment one is made, and none for somebody who is let go at that moment", async () => {
  const { person } = await personWithKey("Gia");
  const hostId = await addHost(db);
  const input = { personId: person.personId, hostId, account: "alice" };
  const ends = await Promise.allSettled(
    [{}, { restrict: true }].map((options) => act(createGrant, { ...input, options }, admin, origin)),
  );
  expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(await db.accountGrant.count({ where: { personId: person.personId } })).toBe(1);
  const leaver = await personWithKey("Lou");
  const { personId } = leaver.person;
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const leaving = db.$transaction(async (tx) => {
    await tx.person.update({ where: { id: personId }, data: { disabledAt: new Date() } });
    await held;
  });
  const granting = act(createGrant, { ...input, personId }, admin, origin);
  await expect
    .poll(() => db.$queryRaw`select 1 from pg_locks where locktype = 'transactionid' and not granted`)
    .toHaveLength(1);
  release();
  await leaving;
  await expect(granting).rejects.toThrow("Lou has left");
});

test("a grant by tag counts on hosts with the tag, and one that is over on none", async () => {
  const { person, key } = await personWithKey("Tom");
  const hostId = await hostWithKeys("");
  await db.host.update({ where: { id: hostId }, data: { tags: ["prod"] } });
  await act(createGrant, { personId: person.personId, tag: "prod", account: "alice" }, admin, origin);
  expect((await aliceOn(hostId)).missing).toMatchObject([{ keyId: key.id, personName: "Tom" }]);
  await db.accountGrant.updateMany({ where: { tag: "prod" }, data: { endsAt: new Date(0) } });
  expect((await aliceOn(hostId)).missing).toEqual([]);
});

test("an authority is not the key that it has: a grant still misses the key, and its line is removed by itself", async () => {
  const { person, key, line } = await personWithKey("Cay");
  const hostId = await hostWithKeys(`cert-authority ${line}`);
  await act(createGrant, { personId: person.personId, hostId, account: "alice" }, admin, origin);
  const { files, missing } = await aliceOn(hostId);
  expect(missing).toMatchObject([{ keyId: key.id }]);
  const [authority] = files[0]?.keys ?? [];
  expect(authority).toMatchObject({ isAuthority: true, standing: "other", remark: null, otherwise: null });
  const seen = { line: 1, sha256: authority?.sha256 ?? "" };
  const input = { hostId, account: "alice", path, remove: [{ fingerprint: key.fingerprint, seen }] };
  const { changeId } = await act(planKeys, input, admin, origin);
  expect(await db.change.findUniqueOrThrow({ where: { id: changeId } })).toMatchObject({
    message: "Remove 1 key from alice",
    keyEdits: [{ kind: "remove", fingerprint: key.fingerprint, seen }],
  });
});

test("a plan that removes a line and adds its key sets options, and says so", async () => {
  const { key } = await personWithKey("Olga");
  const hostId = await hostWithKeys("");
  const seen = { line: 1, sha256: "0".repeat(64) };
  const input = {
    hostId,
    account: "alice",
    path,
    remove: [{ fingerprint: key.fingerprint, seen }],
    add: [{ keyId: key.id, options: { restrict: true } }],
  };
  const { changeId } = await act(planKeys, input, admin, origin);
  expect(await db.change.findUniqueOrThrow({ where: { id: changeId } })).toMatchObject({
    message: "Set the options of 1 key of alice",
    keyEdits: [{ kind: "remove" }, { kind: "add", options: [{ name: "restrict" }] }],
  });
});

test("only what may be placed is planned", async () => {
  const proved = await personWithKey("Paul");
  const unproved = await personWithKey("Uma", { isProved: false });
  const hostId = await hostWithKeys("");
  const plan = (more: object) => act(planKeys, { hostId, account: "alice", path, ...more }, admin, origin);
  await expect(plan({})).rejects.toMatchObject({ code: "invalid" });
  await expect(plan({ add: [{ keyId: unproved.key.id }] })).rejects.toThrow("has not yet shown");
  await expect(
    plan({ add: [{ keyId: proved.key.id, options: { from: 'x" command="y' } }] }),
  ).rejects.toMatchObject({
    code: "invalid",
  });
  await expect(plan({ account: "gatehouse", add: [{ keyId: proved.key.id }] })).rejects.toThrow(
    "Gatehouse itself",
  );
  await expect(plan({ repairModes: true, add: [{ keyId: proved.key.id }] })).rejects.toMatchObject({
    code: "invalid",
  });
  const { changeId } = await plan({ add: [{ keyId: proved.key.id }] });
  expect(await db.change.findUniqueOrThrow({ where: { id: changeId } })).toMatchObject({
    kind: "keys",
    account: "alice",
    path,
    state: "planning",
    message: "Add 1 key to alice",
    keyEdits: [{ kind: "add", fingerprint: proved.key.fingerprint }],
  });
  await db.person.update({ where: { id: proved.person.personId }, data: { disabledAt: new Date() } });
  await expect(plan({ add: [{ keyId: proved.key.id }] })).rejects.toThrow("has left");
});

test.each(roles)("%s sees, plans and grants as far as the role goes", async (role) => {
  const actor = await addActor(db, role, `A ${role}`);
  const { person, key } = await personWithKey(`Key of ${role}`);
  const hostId = await hostWithKeys("");
  const outcome = async (done: Promise<unknown>) =>
    done.then(
      () => true,
      (error) => (error.code === "forbidden" ? false : Promise.reject(error)),
    );
  expect(await outcome(read(getHostKeys, { hostId }, actor, origin))).toBe(can(role, "access:read"));
  const input = { hostId, account: "alice", path, add: [{ keyId: key.id }] };
  expect(await outcome(act(planKeys, input, actor, origin))).toBe(can(role, "access:grant"));
  const removing = {
    hostId,
    account: "alice",
    path,
    remove: [{ fingerprint: key.fingerprint, seen: { line: 1, sha256: "0".repeat(64) } }],
  };
  expect(await outcome(act(planKeys, removing, actor, origin))).toBe(can(role, "config:draft"));
  const grant = { personId: person.personId, hostId, account: "alice" };
  expect(await outcome(act(createGrant, grant, actor, origin))).toBe(can(role, "access:grant"));
  const old: Actor = { ...actor, steppedUpAt: null };
  if (can(role, "access:grant"))
    await expect(act(createGrant, grant, old, origin)).rejects.toMatchObject({ code: "step_up_required" });
});

test("who may not grant places what is granted, as it is granted and as long as it is", async () => {
  const olga = await addActor(db, "operator", "Olga");
  const { person, key } = await personWithKey("Gus");
  const own = await db.personKey.update({
    where: { id: (await personWithKey("Spare")).key.id },
    data: { personId: olga.personId },
  });
  const hostId = await hostWithKeys("");
  const place = (keyId: string, more: object = {}, actor = olga) =>
    act(planKeys, { hostId, account: "alice", path, add: [{ keyId, ...more }] }, actor, origin);
  const refusal = (message: string) => ({ code: "forbidden", message: expect.stringContaining(message) });
  await expect(place(own.id)).rejects.toMatchObject(refusal("No grant lets the key"));

  const options = { restrict: true };
  const grant = { personId: person.personId, hostId, account: "alice", options };
  const { grantId } = await act(createGrant, grant, admin, origin);
  await expect(place(key.id)).rejects.toMatchObject(refusal("says other options"));
  await expect(
    act(planKeys, { hostId, account: "root", path, add: [{ keyId: key.id, options }] }, olga, origin),
  ).rejects.toMatchObject(refusal("into root"));
  const { changeId } = await place(key.id, { options });

  const plan = writePlan(harmless);
  await db.change.update({ where: { id: changeId }, data: { state: "planned", plan } });
  await act(revokeGrant, { grantId }, admin, origin);
  const apply = (actor: Actor) => act(applyChange, { changeId, keepBy: "login" }, actor, origin);
  await expect(apply(olga)).rejects.toMatchObject(refusal("No grant lets the key"));
  await apply(admin);
});

test("a key that a tag brought is unwanted when the host has lost the tag; one that somebody brought is not", async () => {
  const bob = await personWithKey("Bob");
  const hostId = await hostWithKeys(bob.line);
  const tagsTo = (tags: string[]) => db.host.update({ where: { id: hostId }, data: { tags } });
  await tagsTo(["prod"]);
  const place = () =>
    act(planKeys, { hostId, account: "alice", path, add: [{ keyId: bob.key.id }] }, admin, origin);
  const keep = (changeId: string) =>
    db.change.update({ where: { id: changeId }, data: { state: "confirmed" } });
  const standing = async () => (await aliceOn(hostId)).files[0]?.keys[0]?.standing;

  // By hand, while a grant for a tag that this host has not got wants it elsewhere.
  await act(createGrant, { personId: bob.person.personId, tag: "eu", account: "alice" }, admin, origin);
  await keep((await place()).changeId);
  expect(await standing()).toBe("other");
  await act(createGrant, { personId: bob.person.personId, tag: "prod", account: "alice" }, admin, origin);
  await keep((await place()).changeId);
  expect(await standing()).toBe("wanted");
  await tagsTo([]);
  expect((await aliceOn(hostId)).files[0]?.keys[0]).toMatchObject({
    standing: "unwanted",
    remark: "It was placed for hosts with the tag prod, and this host has that tag no more.",
  });
  const { type, fingerprint } = bob.key;
  const found = { account: "alice", path, line: 1, fingerprint, type, comment: "", options: "" };
  await db.foundKey.create({
    data: {
      ...found,
      hostId,
      id: "1",
      digest: "1",
      isAuthority: false,
      isRefused: false,
      firstSeenAt: new Date(),
    },
  });
  const { batchId } = await act(planWanted, { kind: "withdraw", hostIds: [hostId] }, admin, origin);
  expect(await db.keyBatchHost.count({ where: { batchId, hostId } })).toBe(1);
  // Other options do not make it somebody's own placing; to place it by hand does.
  const seen = aliceOf(await aliceOn(hostId));
  const otherwise = { add: [{ keyId: bob.key.id, options: { restrict: true } }], remove: [seen] };
  await keep((await act(planKeys, { hostId, account: "alice", path, ...otherwise }, admin, origin)).changeId);
  expect(await standing()).toBe("unwanted");
  await keep((await place()).changeId);
  expect(await standing()).toBe("other");
  // Another grant that wants it here is enough.
  await tagsTo(["eu"]);
  expect(await standing()).toBe("wanted");
});

test("a kept change is put back by a planned one, by whom the grants let, and never for somebody who has left", async () => {
  const operator = await addActor(db, "operator", "Otto");
  const bob = await personWithKey("Bob");
  const hostId = await hostWithKeys(bob.line);
  const { blob } = await db.personKey.findUniqueOrThrow({ where: { id: bob.key.id } });
  const removed = async (state: string) => {
    const { id } = await db.change.create({
      data: {
        hostRef: randomHostRef(),
        hostId,
        kind: "keys",
        account: "alice",
        path,
        keyEdits: [{ kind: "remove", fingerprint: fingerprint(blob) }],
        fileSha256Id: "x",
        baseSha256: "a".repeat(64),
        baseContent: bob.line,
        content: "",
        keyBytes: new Uint8Array(),
        newSha256: "b".repeat(64),
        state,
        authorId: admin.personId,
        message: "Remove 1 key from alice",
        keepBy: "login",
        deadlineSeconds: 60,
      },
    });
    return id;
  };
  const putBack = (changeId: string, actor = admin) => act(putBackKeys, { changeId }, actor, origin);
  await expect(putBack(await removed("rolled_back"))).rejects.toMatchObject({ code: "conflict" });
  const kept = await removed("confirmed");
  await expect(putBack(kept, operator), "nobody granted it").rejects.toMatchObject({ code: "forbidden" });
  const grant = { personId: bob.person.personId, hostId, account: "alice" };
  const { grantId } = await act(createGrant, grant, admin, origin);
  const granted = await db.change.findUniqueOrThrow({ where: { id: (await putBack(kept)).changeId } });
  expect(granted.keyEdits, "it is known for what it comes").toMatchObject([{ kind: "add", grantId }, {}]);
  await act(revokeGrant, { grantId }, admin, origin);
  const { changeId } = await putBack(kept);
  expect(await db.change.findUniqueOrThrow({ where: { id: changeId } })).toMatchObject({
    state: "planning",
    message: "Put back: Remove 1 key from alice",
    keyEdits: [
      { kind: "add", fingerprint: fingerprint(blob) },
      { kind: "back", changeId: kept },
    ],
  });
  await db.person.update({ where: { id: bob.person.personId }, data: { disabledAt: new Date() } });
  await expect(putBack(kept)).rejects.toMatchObject({ message: expect.stringContaining("Bob has left") });
});
