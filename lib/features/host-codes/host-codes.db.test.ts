import { beforeAll, expect, test } from "vitest";
import type { HostCodes } from "@/lib/agent/read-codes";
import { renewScratchCodes, resyncCode, revokeCode } from "@/lib/features/host-codes/commands";
import { beginCodeFor, beginMyCode, confirmCode } from "@/lib/features/host-codes/enrol-commands";
import { getHostCodes, listMyHostCodes } from "@/lib/features/host-codes/queries";
import type { CodeEnrolmentView } from "@/lib/features/host-codes/views";
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
