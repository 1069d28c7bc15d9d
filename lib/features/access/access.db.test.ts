import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { HostFacts } from "@/lib/access/facts";
import type { FactsReading } from "@/lib/agent/read-facts";
import { recordFacts } from "@/lib/features/access/collect";
import { readAccess } from "@/lib/features/access/commands";
import { deriveAccess } from "@/lib/features/access/derive";
import { accessJobs } from "@/lib/features/access/jobs";
import { getAccessFacts } from "@/lib/features/access/queries";
import { unpackFacts } from "@/lib/features/access/stored-facts";
import { can, roles } from "@/lib/policy/permissions";
import { addActor, addHost, agentFile, answerWith, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
const context = {
  workerId: "w",
  attempt: 1,
  isLastAttempt: true,
  signal: new AbortController().signal,
  openBox: () => Buffer.alloc(0),
};
let auditor: Actor;
beforeAll(async () => {
  auditor = await addActor(db, "auditor", "Aud");
});
beforeEach(async () => {
  await db.host.deleteMany();
  await db.$executeRaw`TRUNCATE graphile_worker._private_jobs`;
});

const facts: HostFacts = {
  format: 1,
  collectedAt: "2026-11-23T05:00:00.000Z",
  isConsistent: true,
  cuts: ["Something was left out."],
  sshd: {
    version: "OpenSSH_9.2p1",
    system: "debian 12",
    configPath: "/etc/ssh/sshd_config",
    listeners: [{ args: ["-D"], addresses: ["0.0.0.0:22"], isSocketActivated: false }],
    hasPam: true,
    zoneMinutes: 0,
  },
  accounts: [
    {
      name: "al\u0000ice\u202e",
      uid: 1000,
      gid: 1000,
      fullName: "",
      home: "/home/alice",
      shell: "/bin/sh",
      groups: ["alice"],
      password: "usable",
      expiresOnDay: 20_000,
    },
  ],
  groups: [{ name: "alice", gid: 1000, members: [] }],
  files: {
    "/etc/nologin": { kind: "missing" },
    "/x": { kind: "file", uid: 0, gid: 0, mode: 420, text: "a\n" },
  },
  otp: [],
  sudo: [{ account: "alice", isAll: true, isWithoutPassword: false }],
  logins: [],
};
const reading = (more: Partial<FactsReading> = {}): FactsReading => ({
  hash: "a".repeat(64),
  isConsistent: true,
  facts,
  logins: [],
  loginsSince: undefined,
  ...more,
});
const record = (hostId: string, of: FactsReading, at = new Date()) =>
  db.$transaction((tx) => recordFacts(tx, hostId, of, at, of.facts && deriveAccess(of.facts, of.logins, at)));
const rowOf = (hostId: string) => db.accessReading.findUniqueOrThrow({ where: { hostId } });
const jobs = async (): Promise<string[]> => {
  const rows = await db.$queryRaw<{ identifier: string; key: string | null }[]>`
    select t.identifier, j.key from graphile_worker._private_jobs j
    join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = 'access.collect'`;
  return rows.map((row) => row.key ?? "");
};

describe("a reading", () => {
  test("comes back from the database as it went in, whatever a host calls its accounts", async () => {
    const hostId = await addHost(db);
    await record(hostId, reading());
    const row = await rowOf(hostId);
    expect(unpackFacts(row.facts ?? new Uint8Array())).toEqual(facts);
    expect(row).toMatchObject({ hash: "a".repeat(64), failure: null, isConsistent: true });
  });

  test("of a host on which nothing changed keeps the facts, and moves the time and the logins", async () => {
    const hostId = await addHost(db);
    const first = new Date("2026-11-20T00:00:00Z");
    const second = new Date("2026-11-21T00:00:00Z");
    await record(hostId, reading(), first);
    const login = { account: "alice", at: "2026-11-20T12:00:00.000Z", method: "publickey" };
    await record(hostId, reading({ facts: undefined, logins: [login], loginsSince: login.at }), second);
    const row = await rowOf(hostId);
    expect(row).toMatchObject({ readAt: second, changedAt: first, logins: [login] });
    expect(unpackFacts(row.facts ?? new Uint8Array())).toEqual(facts);
  });

  test("is told to open pages, and of a host that is gone nothing is written", async () => {
    const hostId = await addHost(db);
    await record(hostId, reading());
    expect(await db.event.findFirst({ where: { topic: `host:${hostId}` } })).toMatchObject({
      kind: "access",
    });
    await db.host.delete({ where: { id: hostId } });
    await record(hostId, reading());
    expect(await db.accessReading.count()).toBe(0);
  });
});

describe("a host that cannot be read", () => {
  test("keeps what was read, with the reason why it is old", async () => {
    const hostId = await addHost(db); // managed, without a key to reach it
    await record(hostId, reading(), new Date("2026-11-20T00:00:00Z"));
    await accessJobs["access.collect"]({ hostId }, context);
    const row = await rowOf(hostId);
    expect(row.failure).toMatch(/no management key/);
    expect(row.facts).not.toBeNull();
    expect(row.failedAt?.getTime()).toBeGreaterThan(row.readAt?.getTime() ?? 0);
  });
});

describe("the sweep", () => {
  test("reads hosts that were not read for a day, those never read first, and no others", async () => {
    const hours = (count: number) => new Date(Date.now() - count * 3_600_000);
    const [never, old, fresh, failed, away, archived] = await Promise.all(
      Array.from({ length: 6 }, () => addHost(db)),
    );
    if (!never || !old || !fresh || !failed || !away || !archived) throw new Error("hosts are missing");
    await db.accessReading.createMany({
      data: [
        { hostId: old, readAt: hours(25) },
        { hostId: fresh, readAt: hours(23) },
        { hostId: failed, readAt: hours(50), failedAt: hours(0.5) },
      ],
    });
    await db.host.update({ where: { id: away }, data: { reachable: false } });
    await db.host.update({ where: { id: archived }, data: { state: "archived" } });
    await accessJobs["access.sweep"]({}, context);
    expect((await jobs()).sort()).toEqual([`access.collect:${never}`, `access.collect:${old}`].sort());
  });
});

describe("access is read again", () => {
  test("when the configuration of a host is another one, and not when it is the same", async () => {
    const hostId = await addHost(db);
    const files = [agentFile("/etc/ssh/sshd_config", "UsePAM yes\n")];
    await answerWith(db, hostId, files);
    expect(await jobs()).toEqual([`access.collect:${hostId}`]);
    await db.$executeRaw`TRUNCATE graphile_worker._private_jobs`;
    await answerWith(db, hostId, files);
    expect(await jobs()).toEqual([]);
  });

  test("when a person asks, which stands in the activity; one job waits however often", async () => {
    const hostId = await addHost(db, "web-1");
    await act(readAccess, { hostId }, auditor, origin);
    await act(readAccess, { hostId }, auditor, origin);
    expect(await jobs()).toEqual([`access.collect:${hostId}`]);
    expect(await db.activity.findFirst({ where: { action: "access.read" } })).toMatchObject({
      actorName: "Aud",
      targetName: "web-1",
      outcome: "done",
    });
  });

  test("not by a member, nor on a host that must not be asked", async () => {
    const hostId = await addHost(db);
    for (const role of roles) {
      const attempt = act(readAccess, { hostId }, await addActor(db, role, role), origin);
      if (role === "member") await expect(attempt).rejects.toMatchObject({ code: "forbidden" });
      else await attempt;
    }
    await db.host.update({ where: { id: hostId }, data: { state: "key_changed" } });
    await expect(act(readAccess, { hostId }, auditor, origin)).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("what a browser is given to judge drafts by", () => {
  const factsFor = (hostId: string, actor: Actor) => read(getAccessFacts, { hostId }, actor, origin);

  test("is what was read, without what it has no use for, for those who may read access", async () => {
    const hostId = await addHost(db);
    await record(hostId, reading());
    const view = await factsFor(hostId, auditor);
    expect(view).toMatchObject({ id: `${hostId} ${"a".repeat(64)}`, obstacle: null, isStale: false });
    expect(JSON.parse(view.json ?? "")).toEqual({ ...facts, sudo: [], logins: [] });
    for (const role of roles) {
      const asked = factsFor(hostId, { ...auditor, role });
      if (can(role, "access:read")) expect((await asked).json).not.toBeNull();
      else await expect(asked).rejects.toMatchObject({ code: "forbidden" });
    }
  });

  test("is nothing, and a reason, where nothing was read or there is too much", async () => {
    const hostId = await addHost(db);
    expect(await factsFor(hostId, auditor)).toMatchObject({
      json: null,
      isStale: true,
      obstacle: expect.stringMatching(/not read yet/),
    });
    const text = `${"ö".repeat(1024 * 1024)}\n`;
    const large = { ...facts, files: { "/x": { kind: "file" as const, text } } };
    await record(hostId, reading({ facts: large }));
    expect(await factsFor(hostId, auditor)).toMatchObject({
      json: null,
      obstacle: expect.stringMatching(/too many accounts and keys/),
    });
  });
});
