import { createHash } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import type { FileFacts } from "@/lib/access/facts";
import { hostWith, type TestAccount } from "@/lib/access/testing/host";
import { now } from "@/lib/clock";
import { recordFacts } from "@/lib/features/access/collect";
import { deriveAccess } from "@/lib/features/access/derive";
import { editKeys, KeyEdits } from "@/lib/features/changes/key-edits";
import { moveTo } from "@/lib/features/changes/progress";
import { writePlan } from "@/lib/features/changes/stored";
import { getBatch, listBatches } from "@/lib/features/key-fleet/batch-queries";
import { cancelBatch, confirmBatch, retryBatch } from "@/lib/features/key-fleet/commands";
import { driveHost } from "@/lib/features/key-fleet/drive";
import { planFound } from "@/lib/features/key-fleet/found-batch";
import { getLeaving } from "@/lib/features/key-fleet/leaving-queries";
import { offboardPerson } from "@/lib/features/key-fleet/offboard";
import type { BatchView } from "@/lib/features/key-fleet/views";
import { planWanted } from "@/lib/features/key-fleet/wanted-batch";
import { createGrant, revokeGrant } from "@/lib/features/placements/commands";
import { fingerprint, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { can, roles } from "@/lib/policy/permissions";
import { addActor, addHost, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { publicKeyOf } from "@/lib/testing/fleet";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
let admin: Actor;
beforeAll(async () => {
  admin = await addActor(db, "admin", "Ada");
});

const keyOf = (seed: string) => parsePublicKey(publicKeyOf(seed)) ?? expect.fail("no key");
const printOf = (seed: string) => fingerprint(keyOf(seed).blob);
const lineOf = (seed: string) => `${publicKeyOf(seed)}\n`;

async function personWith(name: string, seed: string, isProved = true) {
  const person = await addActor(db, "member", name);
  const { blob, type } = keyOf(seed);
  const key = await db.personKey.create({
    data: {
      personId: person.personId,
      fingerprint: printOf(seed),
      type,
      blob: new Uint8Array(blob),
      bits: 256,
      name: `Key of ${name}`,
      origin: "pasted",
      provedAt: isProved ? new Date() : null,
    },
  });
  return { person, key };
}

const secondFile = "/home/alice/.ssh/authorized_keys2";
const fileOf = ({ path, account }: { path: string; account: string | null }) =>
  path === secondFile ? "second" : (account ?? "");

/** A host as a test keeps it: what stands in the files of its accounts; "second" is another file of alice's. */
class TestHost {
  constructor(
    readonly id: string,
    readonly keys: Record<string, string>,
  ) {}

  static async add(keys: Record<string, string>): Promise<TestHost> {
    const host = new TestHost(await addHost(db), keys);
    await host.read();
    return host;
  }

  /** As the worker does it. */
  async read({ isConsistent = true } = {}): Promise<void> {
    const { second, ...first } = this.keys;
    const accounts: TestAccount[] = Object.entries(first).map(([name, keys]) => ({ name, keys }));
    const files: Record<string, FileFacts> =
      second === undefined
        ? {}
        : { [secondFile]: { kind: "file", uid: 1000, gid: 1000, mode: 0o600, text: second } };
    const facts = hostWith({
      config: "PasswordAuthentication no\nKbdInteractiveAuthentication no\n",
      accounts,
      files,
    });
    const at = now();
    const derived = deriveAccess(facts, [], at);
    await db.$transaction((tx) =>
      recordFacts(
        tx,
        this.id,
        { hash: "a".repeat(64), facts, logins: [], loginsSince: undefined, isConsistent },
        at,
        derived,
      ),
    );
  }

  /** Plans what waits to be planned, as the worker would with the file on the host. */
  async plan(shutOut: string[] = []): Promise<void> {
    const changes = await db.change.findMany({ where: { hostId: this.id, state: "planning" } });
    for (const change of changes) {
      const bytes = Buffer.from(this.keys[fileOf(change)] ?? "");
      const edited = editKeys(bytes, KeyEdits.parse(change.keyEdits), { release: 902 });
      if (edited.reason !== undefined) {
        const text = edited.reason;
        await db.$transaction((tx) => moveTo(tx, change, "refused", { kind: "refused", text }));
        continue;
      }
      const nothing = { total: 0, rows: [] };
      const plan = writePlan({
        test: { code: 0, lines: [] },
        effective: [],
        management: { getsIn: true, reasons: [], doubts: [] },
        touches: [],
        needsPerson: false,
        needsExecutePermission: false,
        access: {
          obstacle: null,
          readAt: null,
          isStale: false,
          isCertain: true,
          gains: nothing,
          loses: nothing,
          weakened: nothing,
          strengthened: nothing,
          moved: nothing,
          shutOut: { total: shutOut.length, accounts: shutOut },
          doubtful: { total: 0, accounts: [] },
        },
        rules: [],
        readAt: now().toISOString(),
      });
      const keyBytes = new Uint8Array(edited.bytes);
      const newSha256 = createHash("sha256").update(keyBytes).digest("hex");
      await db.$transaction((tx) =>
        moveTo(tx, change, "planned", { kind: "planned", text: "" }, { plan, keyBytes, newSha256 }),
      );
    }
  }

  /** Ends what is being applied. */
  async end(state: "confirmed" | "rolled_back" | "refused", text = ""): Promise<void> {
    const change = await db.change.findFirstOrThrow({ where: { hostId: this.id, state: "applying" } });
    if (state === "confirmed")
      this.keys[fileOf(change)] = Buffer.from(change.keyBytes ?? new Uint8Array()).toString();
    if (state === "confirmed") {
      await db.$transaction((tx) => moveTo(tx, change, "proving", { kind: "proving", text: "" }));
      const proving = { ...change, state: "proving" };
      await db.$transaction((tx) => moveTo(tx, proving, "confirmed", { kind: "confirmed", text: "" }));
    } else await db.$transaction((tx) => moveTo(tx, change, state, { kind: state, text }));
  }

  drive = () => driveHost(this.id);
}

const look = (batchId: string, actor = admin): Promise<BatchView> =>
  read(getBatch, { batchId }, actor, origin);
const partOf = async (batchId: string, host: TestHost) =>
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
  await act(cancelBatch, { batchId }, admin, origin);
  await host.drive();
  expect((await partOf(batchId, host)).state).toBe("cancelled");
  expect(await db.change.findFirst({ where: { hostId: host.id } })).toMatchObject({ state: "discarded" });
  await expect(act(cancelBatch, { batchId }, admin, origin)).rejects.toMatchObject({ code: "conflict" });
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
    await TestHost.add({ alice: `${lineOf("leo")}${lineOf("another")}cert-authority ${lineOf("leo")}` }),
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
