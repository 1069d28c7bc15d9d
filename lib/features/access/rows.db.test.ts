import { createHash } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import type { HostFacts, LoginFacts } from "@/lib/access/facts";
import { hostWith } from "@/lib/access/testing/host";
import { deriveAnew, recordFacts } from "@/lib/features/access/collect";
import { deriveAccess, modelVersion } from "@/lib/features/access/derive";
import { accessJobs } from "@/lib/features/access/jobs";
import { ed25519PublicKey, printPublicKey } from "@/lib/openssh-keys/public-key";
import { addHost } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";

const db = await openDatabase();
const context = {
  workerId: "w",
  attempt: 1,
  isLastAttempt: true,
  signal: new AbortController().signal,
  openBox: () => Buffer.alloc(0),
};
const first = new Date("2026-11-20T00:00:00Z");
const second = new Date("2026-11-21T00:00:00Z");
const keyOf = (seed: string) =>
  printPublicKey(ed25519PublicKey(createHash("sha256").update(seed).digest(), `${seed}@example.org`));

const config =
  "PermitRootLogin prohibit-password\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM yes\n";
const withKeys = (keys: string, more = config) =>
  hostWith({ config: more, accounts: [{ name: "alice", keys, password: "locked" }] });

const third = new Date("2026-11-22T00:00:00Z");

async function record(hostId: string, facts: HostFacts, at = first, logins: LoginFacts[] = []) {
  const { isConsistent, loginsSince } = facts;
  const derived = deriveAccess(facts, logins, at, loginsSince);
  const reading = { hash: "a".repeat(64), isConsistent, facts, logins, loginsSince };
  await db.$transaction((tx) => recordFacts(tx, hostId, reading, at, derived));
}
const rowsOf = (hostId: string) =>
  db.accessPath.findMany({ where: { hostId, goneAt: null }, orderBy: { position: "asc" } });

beforeEach(async () => {
  await db.host.deleteMany();
  await db.$executeRaw`TRUNCATE graphile_worker._private_jobs`;
});

describe("the ways of a reading", () => {
  test("stand in rows, with the line of the key and the moment of the last login by it", async () => {
    const hostId = await addHost(db);
    const before = deriveAccess(withKeys(`${keyOf("a")}\n`), [], first).paths[0]?.fingerprint ?? "";
    const at = "2026-11-19T12:00:00.000Z";
    await record(hostId, withKeys(`# mine\n${keyOf("a")}\n`), first, [
      { account: "alice", at, method: "publickey", fingerprint: before },
    ]);
    expect(await rowsOf(hostId)).toMatchObject([
      {
        account: "alice",
        uid: 1000,
        fingerprint: before,
        fingerprints: [before],
        keySources: ["/home/alice/.ssh/authorized_keys:2"],
        keyType: "ssh-ed25519",
        comment: "a@example.org",
        methods: "publickey",
        factors: 1,
        asksPassword: false,
        isCertain: true,
        from: ["any address"],
        lastUsedAt: new Date(at),
        firstSeenAt: first,
      },
    ]);
  });

  test("keep id and first moment while they stay, and are gone when they are gone", async () => {
    const hostId = await addHost(db);
    await record(hostId, withKeys(`${keyOf("a")}\n${keyOf("b")}\n`));
    const [a, b] = await rowsOf(hostId);
    // The key of b moves to another line, and a third one comes.
    await record(hostId, withKeys(`${keyOf("c")}\n${keyOf("b")}\n`), second);
    const after = await rowsOf(hostId);
    expect(after.map(({ comment, firstSeenAt }) => [comment, firstSeenAt])).toEqual([
      ["c@example.org", second],
      ["b@example.org", first],
    ]);
    expect(after[1]?.id).toBe(b?.id);
    expect(after.map(({ id }) => id)).not.toContain(a?.id);
  });

  test("keep id and first moment when the line that names the key is another one", async () => {
    const hostId = await addHost(db);
    await record(hostId, withKeys(`${keyOf("a")}\n`));
    const [before] = await rowsOf(hostId);
    await record(hostId, withKeys(`# one more line\n${keyOf("a")}\n`), second);
    const [after] = await rowsOf(hostId);
    expect(after).toMatchObject({ id: before?.id, firstSeenAt: first });
    expect(after?.keySources).toEqual(["/home/alice/.ssh/authorized_keys:2"]);
    expect(after?.digest).not.toBe(before?.digest);
  });

  test("are none where sshd refuses its configuration, and that is said", async () => {
    const hostId = await addHost(db);
    await record(hostId, withKeys(`${keyOf("a")}\n`));
    await record(hostId, withKeys(`${keyOf("a")}\n`, "PermitRootLogin perhaps\n"), second);
    expect(await rowsOf(hostId)).toEqual([]);
    const reading = await db.accessReading.findUniqueOrThrow({ where: { hostId } });
    expect(reading.refused).toMatch(/line 1: unsupported option "perhaps"/);
    expect(reading.modelVersion).toBe(modelVersion);
  });

  const notWhole: [string, (facts: HostFacts) => HostFacts][] = [
    ["refused", ({ sshd }) => hostWith({ config: "Bogus 1\n", accounts: [], more: { sshd } })],
    ["cut", (facts) => ({ ...facts, cuts: ["A limit was reached."] })],
    ["inconsistent", (facts) => ({ ...facts, isConsistent: false })],
  ];
  test.each(notWhole)(
    "that a reading lacks (%s) are hidden, and no new ones when they are back",
    async (_, spoil) => {
      const hostId = await addHost(db);
      const both = withKeys(`${keyOf("a")}\n${keyOf("b")}\n`, `${config}AllowUsers alice gone\n`);
      await record(hostId, both);
      await record(hostId, spoil(withKeys("")), second);
      expect(await rowsOf(hostId)).toEqual([]);
      const dead = () => db.accessFindingRow.findMany({ where: { hostId, code: "dead-name" } });
      expect(await dead()).toMatchObject([{ goneAt: second }]);
      // What is lacked on and on is gone since the first time.
      await record(hostId, spoil(withKeys("")), third);
      expect(await db.accessPath.count({ where: { hostId, goneAt: second } })).toBe(2);
      await record(hostId, both, third);
      expect((await rowsOf(hostId)).map(({ firstSeenAt }) => firstSeenAt)).toEqual([first, first]);
      expect(await dead()).toMatchObject([{ goneAt: null, firstSeenAt: first }]);
    },
  );

  test("that were hidden are removed by the next reading that shows everything", async () => {
    const hostId = await addHost(db);
    await record(hostId, withKeys(`${keyOf("a")}\n${keyOf("b")}\n`));
    await record(hostId, { ...withKeys(`${keyOf("b")}\n`), cuts: ["A limit was reached."] }, second);
    expect(await db.accessPath.count({ where: { hostId } })).toBe(2);
    expect(await db.accessReading.findUnique({ where: { hostId } })).toMatchObject({ cuts: 1 });
    await record(hostId, withKeys(`${keyOf("b")}\n`), third);
    expect(await db.accessPath.findMany({ where: { hostId } })).toMatchObject([
      { comment: "b@example.org", firstSeenAt: first, goneAt: null },
    ]);
    expect(await db.accessReading.findUnique({ where: { hostId } })).toMatchObject({ cuts: 0 });
  });

  test("hold what a host calls its accounts, cut and without NUL", async () => {
    const hostId = await addHost(db);
    const name = `al\0ice\u202e${"x".repeat(2000)}`;
    const facts = hostWith({ config, accounts: [{ name, keys: `${keyOf("a")}\n`, uid: 4_294_967_294 }] });
    await record(hostId, facts);
    const [row] = await rowsOf(hostId);
    expect(row?.account).toHaveLength(500);
    expect(row?.account.startsWith("al\uFFFDice\u202ex")).toBe(true);
    expect(row?.uid).toBe(4_294_967_294);
  });
});

describe("the findings of a reading", () => {
  test("stand in rows, keep the moment at which they began, and end", async () => {
    const hostId = await addHost(db);
    const weak = `${config}AllowUsers alice nobody-like-this\n`;
    await record(hostId, withKeys(`${keyOf("a")}\n`, weak));
    await record(hostId, withKeys(`${keyOf("a")}\n`, `# one more line\n${weak}`), second);
    const rows = await db.accessFindingRow.findMany({ where: { hostId, code: "dead-name" } });
    expect(rows).toMatchObject([{ severity: "low", firstSeenAt: first }]);
    expect(rows[0]?.view).toMatchObject({ source: "/etc/ssh/sshd_config:6" });
    await record(hostId, withKeys(`${keyOf("a")}\n`), second);
    expect(await db.accessFindingRow.count({ where: { hostId, code: "dead-name" } })).toBe(0);
  });
});

describe("whether nobody has logged in", () => {
  const unused = (hostId: string) => db.accessFindingRow.count({ where: { hostId, code: "never-used" } });
  const keys = withKeys(`${keyOf("a")}\n`);

  test("is told by the records as they are now, not by those of when the facts were read", async () => {
    const hostId = await addHost(db);
    const old = { ...keys, loginsSince: "2026-01-01T00:00:00.000Z" };
    await record(hostId, old);
    expect(await unused(hostId)).toBe(1);
    // The host has thrown its records away; nothing else is another.
    const reading = { hash: "a".repeat(64), isConsistent: true, facts: undefined, logins: [] };
    for (const loginsSince of [second.toISOString(), undefined]) {
      const derived = deriveAccess(old, [], third, loginsSince);
      await db.$transaction((tx) => recordFacts(tx, hostId, { ...reading, loginsSince }, third, derived));
      expect(await unused(hostId)).toBe(0);
      await deriveAnew(hostId);
      expect(await unused(hostId)).toBe(0);
    }
  });

  test("is told of a host that is derived anew by its own column", async () => {
    const hostId = await addHost(db);
    await record(hostId, keys);
    expect(await unused(hostId)).toBe(0);
    await db.accessReading.update({ where: { hostId }, data: { loginsSince: new Date("2026-01-01") } });
    await deriveAnew(hostId);
    expect(await unused(hostId)).toBe(1);
  });
});

describe("another version of the model", () => {
  test("makes the rows of every host anew from what was read, once", async () => {
    const hostId = await addHost(db);
    await record(hostId, withKeys(`${keyOf("a")}\n`));
    await db.accessPath.deleteMany();
    await db.accessReading.updateMany({ data: { modelVersion: 0, cuts: 3, readAt: new Date() } });
    await accessJobs["access.sweep"]({}, context);
    const jobs = () => db.$queryRaw`
      select key from graphile_worker._private_jobs where key like 'access.derive:%'`;
    expect(await jobs()).toEqual([{ key: `access.derive:${hostId}` }]);
    await accessJobs["access.derive"]({ hostId }, context);
    expect(await rowsOf(hostId)).toHaveLength(1);
    expect(await db.accessReading.findUnique({ where: { hostId } })).toMatchObject({ cuts: 0 });
    await db.$executeRaw`TRUNCATE graphile_worker._private_jobs`;
    await accessJobs["access.sweep"]({}, context);
    expect(await jobs()).toEqual([]);
  });

  test("makes nothing of a host that is gone", async () => {
    const hostId = await addHost(db);
    await record(hostId, withKeys(`${keyOf("a")}\n`));
    const reading = await db.accessReading.findUniqueOrThrow({ where: { hostId } });
    await db.host.delete({ where: { id: hostId } });
    await deriveAnew(reading.hostId);
    expect(await db.accessPath.count()).toBe(0);
  });
});
