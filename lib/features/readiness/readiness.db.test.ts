import { beforeAll, expect, test } from "vitest";
import { hostWith } from "@/lib/access/testing/host";
import type { HostCodes } from "@/lib/agent/read-codes";
import { managementAccount } from "@/lib/change/marker";
import { packFacts } from "@/lib/features/access/stored-facts";
import { exceptAccount, revokeException } from "@/lib/features/readiness/commands";
import { judgeHost } from "@/lib/features/readiness/judge-host";
import { getReadiness, listReadiness } from "@/lib/features/readiness/queries";
import { can, roles } from "@/lib/policy/permissions";
import { addActor, addHost, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { mayRequire } from "@/lib/two-factor/readiness";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
let admin: Actor;
beforeAll(async () => {
  admin = await addActor(db, "admin", "Ada");
});

const refusal = (promise: Promise<unknown>) => promise.then(() => "done").catch((error) => error.code);
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

const file: HostCodes["files"][number] = {
  ...{ account: "alice", uid: 1000, path: "/x/alice", state: "file", mode: "400", owner: 0, bytes: 90 },
  ...{ isWritable: true, reason: "", kind: "totp", hasSecret: true, counter: null, windowSize: 3 },
  ...{ refusesReuse: true, hasRateLimit: true, scratchCodes: 5, lastUsedSeconds: 1_700_000_010 },
  ...{ writtenBy: null },
};
const codes: HostCodes = {
  ...{ pattern: "/x", readAs: "root", isInForce: false, isOptional: false, reason: "" },
  ...{ moduleVersion: "1", hasModule: true, isCut: false },
  files: [file],
};

/** A host as it is after a reading: alice gets in by one key, and Gatehouse by its own. */
async function readHost(more: Partial<HostCodes> = {}, accounts = ["alice"]): Promise<string> {
  const hostId = await addHost(db);
  await db.host.update({ where: { id: hostId }, data: { reachable: true } });
  const readAt = new Date();
  await db.accessReading.create({ data: { hostId, readAt, modelVersion: 1 } });
  await db.hostCodeReading.create({
    data: { hostId, codes: { ...codes, ...more }, clockOffsetSeconds: 0.2, readAt },
  });
  for (const [position, account] of [...accounts, managementAccount].entries())
    await addWay(hostId, account, `SHA256:${account}`, position);
  return hostId;
}

async function addWay(hostId: string, account: string, fingerprint: string | null, position = 9) {
  await db.accessPath.create({
    data: {
      ...{ hostId, id: `${account} ${fingerprint}`, position, account, uid: 1000 + position, fingerprint },
      fingerprints: fingerprint === null ? [] : [fingerprint],
      keyType: fingerprint === null ? null : "ssh-ed25519",
      methods: fingerprint === null ? "password" : "publickey",
      ...{ keySources: [], factors: 1, asksPassword: fingerprint === null, isCertain: true, from: [] },
      ...{ limits: [], firstSeenAt: new Date(), words: account, digest: "", view: {} },
    },
  });
}

async function prove(fingerprint: string, person: Actor) {
  await db.personKey.create({
    data: {
      ...{ personId: person.personId, fingerprint, type: "ssh-ed25519", blob: Buffer.from("x"), bits: 256 },
      ...{ name: "Laptop", origin: "pasted", provedAt: new Date() },
    },
  });
}

const gapsOf = async (hostId: string) => {
  const view = await read(getReadiness, { hostId }, admin, origin);
  return [...view.gaps, ...view.accounts.flatMap(({ gaps }) => gaps)].map(({ code }) => code);
};

test("a host whose accounts have a key and used codes may require a second factor; Gatehouse's own is not asked", async () => {
  const hostId = await readHost();
  const view = await read(getReadiness, { hostId }, admin, origin);
  expect(view).toMatchObject({ mayRequire: true, gaps: [], ready: 1, missing: 0 });
  expect(view.accounts).toMatchObject([
    { account: "alice", isProved: true, lastUsedAt: "2023-11-14T22:13:30.000Z", scratchCodes: 5 },
  ]);
});

test.each([
  ["was never used", { lastUsedSeconds: null }, "codes-not-proved"],
  ["is empty", { bytes: 0 }, "codes-broken"],
  ["is open to others", { mode: "644" }, "codes-broken"],
  ["lies where the account may not write", { isWritable: false }, "codes-broken"],
  ["has no scratch codes left", { scratchCodes: 0 }, "no-scratch-codes"],
])("a state file that %s is missing something", async (_, more, gap) => {
  expect(await gapsOf(await readHost({ files: [{ ...file, ...more }] }))).toEqual([gap]);
});

test("what is not known of a host shuts its gate", async () => {
  const hostId = await readHost();
  await db.accessReading.update({ where: { hostId }, data: { cuts: 1 } });
  expect(await gapsOf(hostId)).toEqual(["access-partial"]);
  await db.accessReading.update({ where: { hostId }, data: { cuts: 0, readAt: new Date(0) } });
  expect(await gapsOf(hostId)).toEqual(["access-stale"]);
  await db.accessReading.delete({ where: { hostId } });
  await db.hostCodeReading.delete({ where: { hostId } });
  await db.host.update({ where: { id: hostId }, data: { reachable: false } });
  expect(await gapsOf(hostId)).toEqual([
    ...["unreachable", "access-not-read", "codes-not-read", "no-second-factor"],
  ]);
  expect(await gapsOf(await readHost({ hasModule: false }))).toEqual(["module-missing"]);
  const shut = await readHost();
  await db.accessPath.deleteMany({ where: { hostId: shut, account: managementAccount } });
  expect(await gapsOf(shut)).toEqual(["no-way-back"]);
});

test("who else uses the account by a proved key, and a way that has ended, are told apart", async () => {
  const hostId = await readHost();
  const [carol, dave] = [await addActor(db, "member", "Carol"), await addActor(db, "member", "Dave")];
  const print = `SHA256:${crypto.randomUUID()}`;
  await prove(print, dave);
  await addWay(hostId, "alice", print);
  expect(await gapsOf(hostId)).toEqual(["unknown-holder"]);
  const first = `SHA256:${crypto.randomUUID()}`;
  await db.accessPath.updateMany({
    where: { hostId, fingerprint: "SHA256:alice" },
    data: { fingerprint: first, fingerprints: [first] },
  });
  await prove(first, carol);
  expect(await gapsOf(hostId)).toEqual(["others-codes"]);
  await db.accessPath.updateMany({ where: { hostId, fingerprint: print }, data: { expiresAt: new Date(0) } });
  expect(await gapsOf(hostId)).toEqual([]);
});

test("a password is no key, and a code needs one beside it", async () => {
  const hostId = await readHost({}, []);
  await addWay(hostId, "alice", null);
  expect(await gapsOf(hostId)).toEqual(["no-key"]);
});

test("codes that are on their way, or being revoked, do not count", async () => {
  const hostId = await readHost({ files: [{ ...file, writtenBy: "x" }] });
  const carol = await addActor(db, "member", "Carol");
  const print = `SHA256:${crypto.randomUUID()}`;
  await db.accessPath.updateMany({
    where: { hostId, account: "alice" },
    data: { fingerprint: print, fingerprints: [print] },
  });
  await prove(print, carol);
  const code = await db.hostCode.create({
    data: {
      ...{ personId: carol.personId, kind: "totp", secretSealed: Buffer.from("x"), position: 1 },
      createdById: carol.personId,
    },
  });
  const placement = await db.hostCodePlacement.create({
    data: { ...{ codeId: code.id, hostId, account: "alice", act: "write", actId: "a", state: "waiting" } },
  });
  const set = (data: object) => db.hostCodePlacement.update({ where: { id: placement.id }, data });
  expect(await gapsOf(hostId)).toEqual(["codes-on-the-way"]);
  await set({ state: "done", writtenAt: new Date(0) });
  expect(await gapsOf(hostId)).toEqual([]);
  await set({ writtenAt: new Date(Date.now() + 60_000) });
  expect(await gapsOf(hostId)).toEqual(["codes-on-the-way"]);
  await set({ act: "remove", state: "waiting", writtenAt: new Date(0) });
  expect(await gapsOf(hostId)).toEqual(["codes-being-removed"]);
});

test("an exception opens the gate until it ends or is taken back, and leaves a row", async () => {
  const hostId = await readHost({}, ["alice", "backup"]);
  const isOpen = async (at = new Date()) => {
    const readiness = await judgeHost(db, hostId, at);
    return readiness ? mayRequire(readiness) : expect.fail("no host");
  };
  expect(await isOpen()).toBe(false);
  const input = { hostId, account: "backup", reason: "A robot.", endsAt: inDays(30) };
  const { exceptionId } = await act(exceptAccount, input, admin, origin);
  expect(await isOpen()).toBe(true);
  expect(await isOpen(new Date(inDays(31)))).toBe(false);
  expect(await read(getReadiness, { hostId }, admin, origin)).toMatchObject({
    excepted: 1,
    accounts: [{ account: "backup", exception: { reason: "A robot.", byName: "Ada" } }, { account: "alice" }],
  });
  await act(revokeException, { exceptionId }, admin, origin);
  expect(await isOpen()).toBe(false);
  expect(await refusal(act(revokeException, { exceptionId }, admin, origin))).toBe("conflict");
  const rows = await db.activity.findMany({ where: { targetId: hostId }, orderBy: { seq: "asc" } });
  expect(rows.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
    "two-factor.except done",
    "two-factor.revoke-exception done",
    "two-factor.revoke-exception refused",
  ]);
  expect(rows[0]?.detail).toMatchObject({ account: "backup", reason: "A robot." });
});

test("of many who answer for one account at once, one answer stands", async () => {
  const hostId = await readHost();
  const answers = await Promise.all(
    Array.from({ length: 5 }, (_, index) =>
      refusal(
        act(
          exceptAccount,
          { hostId, account: "alice", reason: `Reason ${index}`, endsAt: inDays(1) },
          admin,
          origin,
        ),
      ),
    ),
  );
  expect(answers).toEqual(Array.from({ length: 5 }, () => "done"));
  expect(await db.twoFactorException.count({ where: { hostId, revokedAt: null } })).toBe(1);
});

test.each(roles)(
  "a %s answers for accounts only with the permission, and after a fresh touch",
  async (role) => {
    const hostId = await readHost();
    const actor = await addActor(db, role, "Eve");
    const input = { hostId, account: "alice", reason: "Because.", endsAt: inDays(1) };
    expect(await refusal(act(exceptAccount, input, actor, origin))).toBe(
      can(role, "two-factor:except") ? "done" : "forbidden",
    );
    const { exceptionId } = await act(exceptAccount, input, admin, origin);
    expect(await refusal(act(revokeException, { exceptionId }, actor, origin))).toBe(
      can(role, "two-factor:except") ? "done" : "forbidden",
    );
    expect(await refusal(read(getReadiness, { hostId }, actor, origin))).toBe(
      can(role, "access:read") ? "done" : "forbidden",
    );
    expect(await refusal(act(exceptAccount, input, { ...admin, steppedUpAt: null }, origin))).toBe(
      "step_up_required",
    );
  },
);

test("an exception has an end that comes, within a year, a reason, and is never Gatehouse's own", async () => {
  const hostId = await readHost();
  const ask = (more: object) =>
    refusal(
      act(
        exceptAccount,
        { hostId, account: "alice", reason: "Because.", endsAt: inDays(1), ...more },
        admin,
        origin,
      ),
    );
  expect(await ask({ endsAt: inDays(-1) })).toBe("invalid");
  expect(await ask({ endsAt: inDays(367) })).toBe("invalid");
  expect(await ask({ reason: "  " })).toBe("invalid");
  expect(await ask({ account: managementAccount })).toBe("invalid");
  expect(await ask({ hostId: crypto.randomUUID() })).toBe("not_found");
});

test("the fleet counts hosts by what they come to, and the filters narrow it down", async () => {
  const tag = `t-${crypto.randomUUID().slice(0, 8)}`;
  const [ready, missing, doubt, required] = [
    await readHost(),
    await readHost({ files: [] }),
    await readHost({ hasModule: false }),
    await readHost({ isInForce: true }),
  ];
  await db.host.updateMany({
    where: { id: { in: [ready, missing, doubt, required] } },
    data: { tags: [tag] },
  });
  const list = (more: object) => read(listReadiness, { tag, ...more }, admin, origin);
  // Where codes are asked of everybody, who is not ready is shut out today: that comes before all.
  const shutOut = await readHost({ isInForce: true, files: [{ ...file, bytes: 0 }] });
  await db.host.update({ where: { id: shutOut }, data: { tags: [tag] } });
  expect(await list({})).toMatchObject({
    ...{ total: 5, counts: { "shut-out": 1, required: 1, missing: 1 } },
    rows: [{ hostId: shutOut, missing: ["alice"] }, ...Array.from({ length: 4 }, () => ({}))],
  });
  await db.host.update({ where: { id: shutOut }, data: { tags: [] } });
  const all = await list({});
  expect(all).toMatchObject({ total: 4, counts: { ready: 1, missing: 1, doubt: 1, required: 1 } });
  expect(all.rows[0]).toMatchObject({ hostId: missing, ready: 0, accounts: 1, missing: ["alice"] });
  const only = await list({ state: "doubt" });
  expect(only.rows.map(({ hostId }) => hostId)).toEqual([doubt]);
  expect(only.counts.ready).toBe(1);
  expect((await list({ q: "no such host" })).total).toBe(0);
});

test.each([
  ["prohibit-password", ["never-asked"], "missing"],
  ["without-password", ["never-asked"], "missing"],
  ["yes", [], "ready"],
] as const)("root with codes under PermitRootLogin %s", async (value, gaps, state) => {
  const hostId = await readHost({ files: [{ ...file, account: "root", uid: 0 }] }, ["root"]);
  await db.accessPath.updateMany({ where: { hostId, account: "root" }, data: { uid: 0 } });
  const facts = hostWith({ config: `PermitRootLogin ${value}\n`, accounts: [{ name: "root", keys: "" }] });
  await db.accessReading.update({ where: { hostId }, data: { facts: packFacts(facts) } });
  expect(await gapsOf(hostId)).toEqual(gaps);
  const { name } = await db.host.findUniqueOrThrow({ where: { id: hostId } });
  const fleet = await read(listReadiness, { q: name }, admin, origin);
  expect(fleet.rows[0]).toMatchObject({ hostId, state });
  await act(
    exceptAccount,
    { hostId, account: "root", reason: "The console room.", endsAt: inDays(3) },
    admin,
    origin,
  );
  const excepted = await judgeHost(db, hostId, new Date());
  expect(excepted).toMatchObject({ missing: 0, excepted: gaps.length });
});
