import { beforeAll, expect, test } from "vitest";
import { hostWith, type TestAccount } from "@/lib/access/testing/host";
import { now } from "@/lib/clock";
import { recordFacts } from "@/lib/features/access/collect";
import { deriveAccess } from "@/lib/features/access/derive";
import { adoptKey } from "@/lib/features/key-fleet/adopt";
import { getFoundKey, listFoundKeys } from "@/lib/features/key-fleet/found-queries";
import { listMyKeyUses } from "@/lib/features/key-fleet/my-keys";
import { FoundKeysInput } from "@/lib/features/key-fleet/schema";
import { removeKey } from "@/lib/features/keys/key-commands";
import { removePersonKey } from "@/lib/features/keys/person-key-commands";
import { listMyKeys } from "@/lib/features/keys/queries";
import { fingerprint, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { can, roles } from "@/lib/policy/permissions";
import { addActor, addHost, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { publicKeyOf } from "@/lib/testing/fleet";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
const many = 1200;
const printOf = (seed: string) =>
  fingerprint((parsePublicKey(publicKeyOf(seed)) ?? expect.fail("no key")).blob);
let admin: Actor;
let hosts: string[];

async function readHost(
  hostId: string,
  accounts: TestAccount[],
  { used, isConsistent = true }: { used?: string; isConsistent?: boolean } = {},
): Promise<void> {
  const facts = hostWith({ config: "", accounts });
  const at = now();
  const logins = used
    ? [{ account: "alice", at: at.toISOString(), method: "publickey", fingerprint: printOf(used) }]
    : [];
  const derived = deriveAccess(facts, logins, at);
  const reading = { hash: "a".repeat(64), facts, logins, loginsSince: undefined, isConsistent };
  await db.$transaction((tx) => recordFacts(tx, hostId, reading, at, derived), { timeout: 60_000 });
}

/** Two hosts: many keys of their own on one, one key that stands on both, and ours. */
beforeAll(async () => {
  admin = await addActor(db, "admin", "Ada");
  hosts = [await addHost(db, "one"), await addHost(db, "two")];
  await db.host.update({ where: { id: hosts[1] }, data: { tags: ["prod"] } });
  const own = Array.from({ length: many }, (_, index) => `${publicKeyOf(`own ${index}`)}\n`).join("");
  await readHost(hosts[0] ?? "", [
    { name: "root", keys: `${publicKeyOf("shared")}\n` },
    { name: "alice", keys: `${own}restrict ${publicKeyOf("shared")}\n` },
    { name: "gatehouse", keys: `${publicKeyOf("ours")}\n` },
  ]);
  await readHost(
    hosts[1] ?? "",
    [{ name: "alice", keys: `cert-authority ${publicKeyOf("shared")}\n${publicKeyOf("bob 100%")}\n` }],
    { used: "bob 100%" },
  );
}, 120_000);

const list = (filter: object = {}, actor = admin) =>
  read(listFoundKeys, FoundKeysInput.parse(filter), actor, origin);

test("keys are one row each, over all hosts, in pages that miss none and show none twice", async () => {
  const first = await list();
  expect(first.total).toBe(many + 2);
  expect(first.rows[0]).toMatchObject({
    fingerprint: printOf("shared"),
    hosts: 2,
    lines: 3,
    root: 1,
    accounts: ["alice", "root"],
    isAuthority: true,
    owner: null,
  });
  const pages = Math.ceil(first.total / first.perPage);
  const rows = [];
  for (let page = 1; page <= pages; page++) rows.push(...(await list({ page })).rows);
  expect(new Set(rows.map((row) => row.fingerprint)).size).toBe(many + 2);
  expect(rows.map((row) => row.fingerprint)).not.toContain(printOf("ours"));
});

test("filters narrow it down, and a wildcard of LIKE is a character like any other", async () => {
  expect((await list({ tag: "prod" })).total).toBe(2);
  expect((await list({ host: "t*" })).total).toBe(2);
  expect((await list({ account: "root" })).total).toBe(1);
  expect((await list({ q: "100%" })).rows).toMatchObject([{ fingerprint: printOf("bob 100%") }]);
  expect((await list({ q: "own 1%" })).total).toBe(0);
  expect((await list({ used: "recently" })).rows).toMatchObject([
    { fingerprint: printOf("bob 100%"), lastUsedAt: expect.any(String) },
  ]);
  expect((await list({ type: "ssh-rsa" })).total).toBe(0);
});

test("every place of a key is shown with its options", async () => {
  const view = await read(getFoundKey, { fingerprint: printOf("shared") }, admin, origin);
  expect(
    view.places.map(({ hostName, account, options, isAuthority }) => [
      hostName,
      account,
      options,
      isAuthority,
    ]),
  ).toEqual([
    ["one", "alice", "restrict", false],
    ["one", "root", "", false],
    ["two", "alice", "cert-authority", true],
  ]);
  const unknown = read(getFoundKey, { fingerprint: printOf("nowhere") }, admin, origin);
  await expect(unknown).rejects.toMatchObject({ code: "not_found" });
});

test("an adopted key is claimed, waits on the person's page, and is owned when it is proved", async () => {
  const bob = await addActor(db, "member", "Bob");
  const print = printOf("bob 100%");
  const input = { fingerprint: print, personId: bob.personId, name: "Found" };
  await act(adoptKey, input, admin, origin);
  expect((await list({ owner: "claimed" })).rows).toMatchObject([
    { fingerprint: print, owner: { name: "Bob", isProved: false } },
  ]);
  expect((await read(listMyKeys, {}, bob, origin)).keys).toMatchObject([
    { origin: "adopted", provedAt: null, fingerprint: print },
  ]);
  await expect(act(adoptKey, input, admin, origin)).rejects.toMatchObject({ code: "conflict" });
  await db.personKey.updateMany({ where: { fingerprint: print }, data: { provedAt: new Date() } });
  expect(await list()).toMatchObject({ counts: { claimed: 0, owned: 1, left: 0, nobody: many + 1 } });
  await db.person.update({ where: { id: bob.personId }, data: { disabledAt: new Date() } });
  expect((await list({ owner: "left" })).rows).toMatchObject([{ owner: { hasLeft: true } }]);
  const nowhere = { ...input, fingerprint: printOf("nowhere") };
  await expect(act(adoptKey, nowhere, admin, origin)).rejects.toMatchObject({ code: "not_found" });
});

test("a line that moved in its file is the same; one that is gone goes; an incomplete reading hides and keeps it", async () => {
  const hostId = await addHost(db, "three");
  const keys = (...seeds: string[]) => [
    { name: "carl", keys: seeds.map((seed) => `${publicKeyOf(seed)}\n`).join("") },
  ];
  await readHost(hostId, keys("x", "y"));
  const before = await db.foundKey.findFirstOrThrow({ where: { hostId, fingerprint: printOf("y") } });
  await readHost(hostId, keys("new", "x", "y"));
  const moved = await db.foundKey.findFirstOrThrow({ where: { hostId, fingerprint: printOf("y") } });
  expect(moved).toMatchObject({ id: before.id, line: 3, firstSeenAt: before.firstSeenAt });
  await readHost(hostId, keys("new", "x"), { isConsistent: false });
  expect(await db.foundKey.findFirst({ where: { hostId, fingerprint: printOf("y") } })).toMatchObject({
    goneAt: expect.any(Date),
  });
  await readHost(hostId, keys("new", "x"));
  expect(await db.foundKey.count({ where: { hostId } })).toBe(2);
});

test.each(roles)("%s looks and adopts as far as the role goes", async (role) => {
  const actor = await addActor(db, role, `A ${role}`);
  const outcome = async (done: Promise<unknown>) =>
    done.then(
      () => true,
      (error) =>
        error.code === "forbidden" ? false : error.code === "not_found" ? true : Promise.reject(error),
    );
  expect(await outcome(list({}, actor))).toBe(can(role, "access:read"));
  const input = { fingerprint: printOf("nowhere"), personId: actor.personId, name: "x" };
  expect(await outcome(act(adoptKey, input, actor, origin))).toBe(can(role, "person:keys"));
});

test("one sees where one's keys work, and cannot take out the last one that opens an account", async () => {
  const hostId = await addHost(db, "four");
  const dora = await addActor(db, "member", "Dora");
  const eve = await addActor(db, "member", "Eve");
  const store = async (personId: string, seed: string) => {
    const { blob, type } = parsePublicKey(publicKeyOf(seed)) ?? expect.fail("no key");
    const data = { fingerprint: printOf(seed), type, blob: new Uint8Array(blob), bits: 256, name: seed };
    return db.personKey.create({ data: { ...data, personId, origin: "pasted", provedAt: new Date() } });
  };
  const [laptop, spare] = [await store(dora.personId, "laptop"), await store(dora.personId, "spare")];
  await store(eve.personId, "eve");
  await db.accountGrant.create({
    data: { personId: dora.personId, hostId, account: "carl", createdById: admin.personId },
  });
  const keysOf = (...seeds: string[]) => seeds.map((seed) => `${publicKeyOf(seed)}\n`).join("");
  await readHost(hostId, [{ name: "dave", keys: keysOf("laptop", "eve") }]);
  const before = await read(listMyKeyUses, {}, dora, origin);
  expect(before).toMatchObject({
    total: 1,
    uses: [{ hostName: "four", account: "dave", keyName: "laptop", needsMore: false, forcedCommand: null }],
    notPlaced: [{ hostName: "four", account: "carl" }],
  });
  const remove = (keyId: string) => act(removeKey, { keyId }, dora, origin);
  await expect(remove(laptop.id)).rejects.toThrow("No other key of yours opens dave on four.");
  expect(await db.personKey.findUnique({ where: { id: laptop.id } })).toMatchObject({ removedAt: null });

  await readHost(hostId, [{ name: "dave", keys: keysOf("laptop", "spare", "eve") }]);
  await remove(laptop.id);
  await expect(remove(spare.id)).rejects.toMatchObject({ code: "conflict" });
  // Whoever looks after people may: the key may be stolen.
  await act(removePersonKey, { personId: dora.personId, keyId: spare.id }, admin, origin);
  expect((await read(listMyKeyUses, {}, dora, origin)).uses).toEqual([]);
});
