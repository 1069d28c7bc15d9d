import { beforeAll, beforeEach, expect, test } from "vitest";
import type { HostCodes } from "@/lib/agent/read-codes";
import { mendCode, renewScratchCodes, resyncCode, rewriteCode } from "@/lib/features/host-codes/commands";
import { beginCodeFor, beginMyCode, confirmCode } from "@/lib/features/host-codes/enrol-commands";
import { hostCodeJobs } from "@/lib/features/host-codes/jobs";
import { getHostCodes, getPersonCodes, listMyHostCodes } from "@/lib/features/host-codes/queries";
import { revokeCode, revokeCodesOf } from "@/lib/features/host-codes/revoke-commands";
import type { CodeEnrolmentView } from "@/lib/features/host-codes/views";
import { getLeaving } from "@/lib/features/key-fleet/leaving-queries";
import { offboardPerson } from "@/lib/features/key-fleet/offboard";
import { totpCode } from "@/lib/otp/totp";
import { can, roles } from "@/lib/policy/permissions";
import { makeBoxKey, openBox } from "@/lib/secrets/box";
import { addActor, addHost, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
const box = makeBoxKey();
let admin: Actor;
beforeAll(async () => {
  admin = await addActor(db, "admin", "Ada");
  await db.worker.create({
    data: {
      id: "test-worker",
      boxPublicKey: Uint8Array.from(box.publicKey),
      version: "1",
      hostname: "x",
      pools: [],
    },
  });
});

// It beats: a slow machine must not take it for dead before the last test.
beforeEach(async () => {
  await db.worker.update({ where: { id: "test-worker" }, data: { seenAt: new Date() } });
});

const seconds = () => Math.floor(Date.now() / 1000);
const plain = (view: CodeEnrolmentView) => view.secret.replaceAll(" ", "");

/** A member who may use alice's account on a host of his own. */
async function memberWithHost(): Promise<{ person: Actor; hostId: string }> {
  const [person, hostId] = await Promise.all([addActor(db, "member", "Carol"), addHost(db)]);
  await db.accountGrant.create({
    data: { personId: person.personId, hostId, account: "alice", createdById: admin.personId },
  });
  return { person, hostId };
}

async function enrol(
  person: Actor,
  hostId: string,
): Promise<{ secret: string; scratchCodes: string[]; id: string }> {
  const shown = await act(beginMyCode, { places: [{ hostId, account: "alice" }] }, person, origin);
  const { scratchCodes } = await act(
    confirmCode,
    { code: totpCode(plain(shown), seconds()) },
    person,
    origin,
  );
  const { id } = await db.hostCodePlacement.findFirstOrThrow({ where: { hostId, endedAt: null } });
  return { secret: plain(shown), scratchCodes, id };
}

/** As the clock has the worker do each minute. */
const follow = () =>
  hostCodeJobs["host-code.follow"](
    {},
    {
      workerId: "test-worker",
      attempt: 1,
      isLastAttempt: false,
      signal: new AbortController().signal,
      openBox: (sealed, context) => openBox(box.privateKey, sealed, context),
    },
  );

const refusal = (promise: Promise<unknown>) => promise.then(() => "done").catch((error) => error.code);

test("what is stored of a secret and of scratch codes is sealed; only a worker's memory opens what a host gets", async () => {
  const { person, hostId } = await memberWithHost();
  const { secret, scratchCodes, id } = await enrol(person, hostId);
  const tables = await db.$queryRaw<{ row: string }[]>`
    SELECT row_to_json(c)::text AS row FROM "HostCode" c UNION ALL SELECT row_to_json(p)::text FROM "HostCodePlacement" p
    UNION ALL SELECT row_to_json(a)::text FROM "Activity" a UNION ALL SELECT row_to_json(e)::text FROM "Event" e
    UNION ALL SELECT row_to_json(j)::text FROM graphile_worker._private_jobs j
    UNION ALL SELECT encode(c."secretSealed", 'escape') FROM "HostCode" c`;
  const everything = tables.map(({ row }) => row).join("\n");
  expect(everything).not.toContain(secret);
  for (const code of scratchCodes) expect(everything).not.toContain(code);
  const { boxes, actId } = await db.hostCodePlacement.findUniqueOrThrow({ where: { id } });
  const [sealed] = Object.values(boxes as Record<string, string>);
  const opened = openBox(
    box.privateKey,
    Buffer.from(sealed ?? "", "base64"),
    `host-code:${actId}`,
  ).toString();
  expect(opened).toContain(secret);
  expect(opened).toContain(scratchCodes[4]);
});

test("nothing that is read holds a secret or a scratch code again", async () => {
  const { person, hostId } = await memberWithHost();
  const { secret, scratchCodes } = await enrol(person, hostId);
  const views = await Promise.all([
    read(listMyHostCodes, {}, person, origin),
    read(getHostCodes, { hostId }, admin, origin),
  ]);
  const text = JSON.stringify(views);
  expect(text).not.toContain(secret);
  for (const code of scratchCodes) expect(text).not.toContain(code);
  expect(views[0].codes).toMatchObject([{ account: "alice", state: "waiting", writtenAt: null }]);
  expect(views[0].places).toEqual([]);
});

test("a code counts only in the session that began, and once, of many at a time", async () => {
  const { person, hostId } = await memberWithHost();
  const shown = await act(beginMyCode, { places: [{ hostId, account: "alice" }] }, person, origin);
  const code = totpCode(plain(shown), seconds());
  const elsewhere = { ...person, sessionId: crypto.randomUUID() };
  expect(await refusal(act(confirmCode, { code }, elsewhere, origin))).toBe("expired");
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => refusal(act(confirmCode, { code }, person, origin))),
  );
  expect(answers.filter((answer) => answer === "done")).toHaveLength(1);
  expect(await db.hostCodePlacement.count({ where: { hostId } })).toBe(1);
});

test("a member enrols on accounts of his own alone, and only after a fresh touch", async () => {
  const { person, hostId } = await memberWithHost();
  const elsewhere = await addHost(db);
  const begin = (places: { hostId: string; account: string }[], actor = person) =>
    refusal(act(beginMyCode, { places }, actor, origin));
  expect(await begin([{ hostId, account: "root" }])).toBe("not_found");
  expect(await begin([{ hostId: elsewhere, account: "alice" }])).toBe("not_found");
  expect(await begin([{ hostId, account: "alice" }], { ...person, steppedUpAt: null })).toBe(
    "step_up_required",
  );
  await db.accountGrant.updateMany({ where: { hostId }, data: { endsAt: new Date(0) } });
  expect(await begin([{ hostId, account: "alice" }])).toBe("not_found");
});

test("one secret for several hosts is made only when it is asked for", async () => {
  const { person, hostId } = await memberWithHost();
  const second = await addHost(db);
  await db.accountGrant.create({
    data: { personId: person.personId, hostId: second, account: "alice", createdById: admin.personId },
  });
  const places = [hostId, second].map((id) => ({ hostId: id, account: "alice" }));
  expect(await refusal(act(beginMyCode, { places }, person, origin))).toBe("invalid");
  expect(await refusal(act(beginMyCode, { places, isShared: true, kind: "hotp" }, person, origin))).toBe(
    "invalid",
  );
  const shown = await act(beginMyCode, { places, isShared: true }, person, origin);
  await act(confirmCode, { code: totpCode(plain(shown), seconds()) }, person, origin);
  const { codes } = await read(listMyHostCodes, {}, person, origin);
  expect(codes).toHaveLength(2);
  expect(codes.every(({ sharedWith }) => sharedWith.length === 1)).toBe(true);
});

test("an account has one person's codes; his own new ones end the old, whose secret is forgotten", async () => {
  const { person, hostId } = await memberWithHost();
  const { id } = await enrol(person, hostId);
  const other = await addActor(db, "member", "Dan");
  await db.accountGrant.create({
    data: { personId: other.personId, hostId, account: "alice", createdById: admin.personId },
  });
  const places = [{ hostId, account: "alice" }];
  expect(await refusal(act(beginMyCode, { places }, other, origin))).toBe("conflict");
  await enrol(person, hostId);
  const old = await db.hostCodePlacement.findUniqueOrThrow({ where: { id }, include: { code: true } });
  expect(old.endedAt).not.toBeNull();
  expect(old.code.secretSealed).toHaveLength(0);
  const fresh = await db.hostCodePlacement.findFirstOrThrow({ where: { hostId, endedAt: null } });
  expect(fresh.replaces).toBe(true);
});

test("a state file of another making is replaced only when that is said", async () => {
  const { person, hostId } = await memberWithHost();
  const codes: HostCodes = {
    ...{ pattern: "/x", readAs: "root", isInForce: true, isOptional: false, reason: "" },
    ...{ moduleVersion: "1", hasModule: true, isCut: false },
    files: [
      {
        ...{ account: "alice", uid: 1000, path: "/x/alice", state: "file", mode: "400", owner: 0, bytes: 90 },
        ...{ isWritable: true, reason: "", kind: "totp", hasSecret: true, counter: null, windowSize: 3 },
        ...{ refusesReuse: true, hasRateLimit: true, scratchCodes: 5, writtenBy: null },
      },
    ],
  };
  await db.hostCodeReading.create({ data: { hostId, codes, readAt: new Date() } });
  const places = [{ hostId, account: "alice" }];
  expect(await refusal(act(beginMyCode, { places }, person, origin))).toBe("conflict");
  expect(await refusal(act(beginMyCode, { places, replaces: true }, person, origin))).toBe("done");
  expect(await read(getHostCodes, { hostId }, admin, origin)).toMatchObject({
    foreign: [{ account: "alice" }],
  });
});

test.each(roles)("a %s touches other people's codes only with the permission for it", async (role) => {
  const { person, hostId } = await memberWithHost();
  const { id: placementId } = await enrol(person, hostId);
  await db.hostCodePlacement.update({
    where: { id: placementId },
    data: { state: "done", writtenAt: new Date() },
  });
  const actor = await addActor(db, role, "Eve");
  const may = can(role, "host-codes:write");
  const places = { personId: person.personId, hostId, account: "alice" };
  expect(await refusal(act(beginCodeFor, places, actor, origin))).toBe(may ? "done" : "forbidden");
  expect(await refusal(act(renewScratchCodes, { placementId }, actor, origin))).toBe(
    may ? "done" : "not_found",
  );
  const resync = { placementId, first: "000000", second: "000001" };
  expect(await refusal(act(resyncCode, resync, actor, origin))).toBe(may ? "invalid" : "not_found");
  expect(await refusal(act(revokeCode, { placementId }, actor, origin))).toBe(may ? "done" : "not_found");
  const { codes } = await read(listMyHostCodes, {}, actor, origin);
  expect(codes).toEqual([]);
});

test("somebody loses every code by one act of his own or of an admin; nobody else's, and he is told by whom", async () => {
  const { person, hostId } = await memberWithHost();
  await enrol(person, hostId);
  const other = await memberWithHost();
  await enrol(other.person, other.hostId);
  const { personId } = person;
  expect(await refusal(act(revokeCodesOf, { personId }, other.person, origin))).toBe("not_found");
  expect(await refusal(act(revokeCodesOf, { personId }, { ...admin, steppedUpAt: null }, origin))).toBe(
    "step_up_required",
  );
  expect(await act(revokeCodesOf, { personId }, admin, origin)).toEqual({ revoked: 1 });
  const { codes, revoked } = await read(listMyHostCodes, {}, person, origin);
  expect(codes).toMatchObject([{ act: "remove", state: "waiting" }]);
  expect(revoked).toMatchObject([{ account: "alice", byName: "Ada" }]);
  expect(await read(getPersonCodes, { personId }, admin, origin)).toMatchObject({ canRevoke: true });
  const untouched = await read(listMyHostCodes, {}, other.person, origin);
  expect(untouched.codes).toMatchObject([{ act: "write" }]);
  const row = await db.activity.findFirstOrThrow({
    where: { action: "host-code.revoke-all", outcome: "done", targetId: personId },
  });
  expect(JSON.stringify(row.detail)).toContain("alice on ");
  // What was revoked goes first: else nobody would want it gone any more, and the lost phone would go on working.
  await expect(enrol(person, hostId)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("still being taken off"),
  });
  await db.hostCodePlacement.updateMany({ where: { hostId }, data: { endedAt: new Date() } });
  await enrol(person, hostId);
  expect((await read(listMyHostCodes, {}, person, origin)).revoked).toEqual([]);
  expect(await act(revokeCodesOf, { personId }, person, origin)).toEqual({ revoked: 1 });
  expect((await read(listMyHostCodes, {}, person, origin)).revoked).toEqual([]);
});

test("who leaves loses the codes with the keys, and no act that waits or begins brings them back", async () => {
  const { person, hostId } = await memberWithHost();
  const { id } = await enrol(person, hostId);
  const places = { personId: person.personId, hostId, account: "alice" };
  const shown = await act(beginCodeFor, places, admin, origin);
  const leaving = { personId: person.personId, login: person.login };
  expect(await act(offboardPerson, leaving, admin, origin)).toEqual({ batchId: null });
  const placed = await db.hostCodePlacement.findUniqueOrThrow({ where: { id } });
  expect(placed).toMatchObject({ act: "remove", state: "waiting", revokedById: admin.personId });
  const code = totpCode(plain(shown), seconds());
  expect(await refusal(act(confirmCode, { code }, admin, origin))).toBe("conflict");
  // Also when the host has refused it: an admin revokes once more, and nothing else.
  await db.hostCodePlacement.update({ where: { id }, data: { state: "failed", writtenAt: new Date() } });
  expect(await refusal(act(rewriteCode, { placementId: id }, admin, origin))).toBe("conflict");
  expect(await refusal(act(renewScratchCodes, { placementId: id }, admin, origin))).toBe("conflict");
  const view = await read(getLeaving, { personId: person.personId }, admin, origin);
  expect(view.codes).toMatchObject([{ account: "alice", hostId }]);
  expect(await refusal(act(revokeCode, { placementId: id }, admin, origin))).toBe("done");
  const row = await db.activity.findFirstOrThrow({
    where: { action: "person.offboard", targetId: person.personId },
  });
  expect(JSON.stringify(row.detail)).toContain("alice on ");
});

test("codes are revoked also where the host shows another key: it follows when that is settled", async () => {
  const { person, hostId } = await memberWithHost();
  const { id } = await enrol(person, hostId);
  await db.host.update({ where: { id: hostId }, data: { state: "key_changed" } });
  expect(await refusal(act(revokeCode, { placementId: id }, person, origin))).toBe("done");
  const jobs = async () =>
    db.$queryRaw<{ key: string }[]>`
      SELECT key FROM graphile_worker._private_jobs WHERE key = ${`host-code:${id}`}`;
  await db.$executeRaw`DELETE FROM graphile_worker._private_jobs WHERE key = ${`host-code:${id}`}`;
  await follow();
  expect(await jobs()).toHaveLength(0);
  await db.host.update({ where: { id: hostId }, data: { state: "managed" } });
  await follow();
  expect(await jobs()).toHaveLength(1);
});

const optional: HostCodes = {
  ...{ pattern: "/x", readAs: "root", isInForce: true, isOptional: true, reason: "", files: [] },
  ...{ moduleVersion: "1", hasModule: true, isCut: false },
};

/** A way in to alice's account by a key, and whose it is. */
async function addWay(hostId: string, owner: Actor | null, more: object = {}) {
  const fingerprint = `SHA256:${crypto.randomUUID()}`;
  if (owner)
    await db.personKey.create({
      data: {
        ...{ personId: owner.personId, fingerprint, type: "ssh-ed25519", blob: Buffer.from(fingerprint) },
        ...{ bits: 256, name: "Laptop", origin: "pasted", provedAt: new Date() },
      },
    });
  await db.accessPath.create({
    data: {
      ...{ hostId, id: fingerprint, position: Math.floor(Math.random() * 1e9), account: "alice", uid: 1000 },
      ...{ fingerprint, fingerprints: [fingerprint], keyType: "ssh-ed25519", keySources: [], factors: 2 },
      ...{ methods: "publickey,keyboard-interactive", asksPassword: false, isCertain: true, from: [] },
      ...{ limits: [], firstSeenAt: new Date(), words: "alice", digest: "", view: {}, ...more },
    },
  });
}

test("nobody enrols where others get in by keys of their own: they would be asked for his codes", async () => {
  const { person, hostId } = await memberWithHost();
  await db.hostCodeReading.create({ data: { hostId, codes: optional, readAt: new Date() } });
  const places = [{ hostId, account: "alice" }];
  const begin = (actor = person, more: object = {}) =>
    act(beginMyCode, { places, ...more }, actor, origin).then(
      () => "done",
      (error: { message: string }) => error.message,
    );
  await addWay(hostId, person);
  const left = await addActor(db, "member", "Left");
  await addWay(hostId, left);
  await db.person.update({ where: { id: left.personId }, data: { disabledAt: new Date() } });
  await addWay(hostId, await addActor(db, "member", "Gone"), { goneAt: new Date() });
  await addWay(hostId, await addActor(db, "member", "Past"), { expiresAt: new Date(0) });
  expect(await begin()).toBe("done");
  await addWay(hostId, await addActor(db, "member", "Dora"));
  expect(await begin()).toMatch(/Others get in as alice on .*: Dora\. /);
  await addWay(hostId, null);
  expect(await begin()).toMatch(/Dora, a key that nobody has proved to be his \(SHA256:/);
  expect(await begin(person, { confirmAccount: "alice" })).toContain("Others get in");
  const forSomebody = { personId: person.personId, hostId, account: "alice" };
  const enrolFor = (more: object) => refusal(act(beginCodeFor, { ...forSomebody, ...more }, admin, origin));
  expect(await enrolFor({ confirmAccount: "alic" })).toBe("conflict");
  expect(await enrolFor({ confirmAccount: "alice" })).toBe("done");
  // By key alone, whoever comes: nobody is asked for these codes.
  const endsAt = new Date(Date.now() + 86_400_000);
  await db.twoFactorException.create({
    data: { hostId, account: "alice", reason: "A robot.", endsAt, createdById: admin.personId },
  });
  expect(await begin()).toBe("done");
  await db.twoFactorException.updateMany({ where: { hostId }, data: { revokedAt: new Date() } });
  await db.accessPath.updateMany({ where: { hostId }, data: { methods: "publickey" } });
  expect(await begin()).toContain("Others get in");
  const off = { ...optional, isInForce: false };
  await db.hostCodeReading.update({ where: { hostId }, data: { codes: off } });
  // Not yet: the same file would bite with the next step.
  expect(await begin()).toContain("Others get in");
});

test("what others came by between the beginning and the code counts", async () => {
  const { person, hostId } = await memberWithHost();
  const shown = await act(beginMyCode, { places: [{ hostId, account: "alice" }] }, person, origin);
  await addWay(hostId, null);
  const code = totpCode(plain(shown), seconds());
  expect(await refusal(act(confirmCode, { code }, person, origin))).toBe("conflict");
});

test("an account whose only way of his has gone is not his any more", async () => {
  const [person, hostId] = await Promise.all([addActor(db, "member", "Bob"), addHost(db)]);
  const begin = () => refusal(act(beginMyCode, { places: [{ hostId, account: "alice" }] }, person, origin));
  await addWay(hostId, person, { goneAt: new Date() });
  expect(await begin()).toBe("not_found");
  await db.accessPath.updateMany({ where: { hostId }, data: { goneAt: null, expiresAt: new Date(0) } });
  expect(await begin()).toBe("not_found");
  await db.accessPath.updateMany({ where: { hostId }, data: { expiresAt: null } });
  expect(await begin()).toBe("done");
});

test("nothing but another revocation takes the place of one that the host refused", async () => {
  const { person, hostId } = await memberWithHost();
  const { id: placementId } = await enrol(person, hostId);
  await db.hostCodePlacement.update({
    where: { id: placementId },
    data: { act: "remove", state: "failed", writtenAt: new Date() },
  });
  expect(await refusal(act(renewScratchCodes, { placementId }, person, origin))).toBe("conflict");
  expect(await refusal(act(rewriteCode, { placementId }, person, origin))).toBe("conflict");
  expect(await refusal(act(mendCode, { placementId }, person, origin))).toBe("conflict");
  expect(await refusal(act(beginMyCode, { places: [{ hostId, account: "alice" }] }, person, origin))).toBe(
    "conflict",
  );
  expect(await refusal(act(revokeCode, { placementId }, person, origin))).toBe("done");
});
