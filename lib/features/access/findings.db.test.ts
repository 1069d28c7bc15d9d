import { beforeAll, describe, expect, test } from "vitest";
import { getHostFindings, listFindings } from "@/lib/features/access/finding-queries";
import { FindingListInput, WhatIfInput } from "@/lib/features/access/schema";
import { askWhatIf } from "@/lib/features/access/what-if-queries";
import { can, roles } from "@/lib/policy/permissions";
import { addActor, addHost, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { addFleet, type Fleet } from "@/lib/testing/fleet";
import { type Actor, read } from "@/lib/usecase";

const db = await openDatabase();
let auditor: Actor;
let fleet: Fleet;
const list = (filter: object = {}) =>
  read(listFindings, FindingListInput.parse({ perPage: 200, ...filter }), auditor, origin);
const kindsOf = async (filter: object = {}) =>
  Object.fromEntries((await list(filter)).kinds.map(({ code, count }) => [code, count]));

async function addKey(name: string, fingerprint: string, disabledAt: Date | null = null): Promise<string> {
  const { id } = await db.person.create({
    data: { login: name.toLowerCase(), name, role: "member", userHandle: Buffer.from(name), disabledAt },
  });
  await db.personKey.create({
    data: {
      personId: id,
      fingerprint,
      type: "ssh-ed25519",
      blob: Buffer.from(fingerprint),
      bits: 256,
      name: "laptop",
      origin: "pasted",
      provedAt: new Date(),
    },
  });
  return id;
}

beforeAll(async () => {
  auditor = await addActor(db, "auditor", "Aud");
  fleet = await addFleet(db, { hosts: 4, accounts: 8 });
}, 60_000);

describe("findings of the fleet", () => {
  test("hold none about owners while nobody's keys are known, and all of them afterwards", async () => {
    const before = await kindsOf();
    expect(before["unowned-key"]).toBeUndefined();
    expect(before["dead-name"]).toBe(4);
    await addKey("Ann", fleet.fingerprints[0] ?? "");
    await addKey("Eve", fleet.fingerprints[1] ?? "", new Date());
    const after = await kindsOf();
    // One key an account, eight accounts on four hosts; Ann's is hers, Eve's is a leaver's.
    expect(after).toMatchObject({ "key-of-leaver": 1, "unowned-key": 4 * 8 - 2, "dead-name": 4 });
    const { rows } = await list({ code: "key-of-leaver" });
    expect(rows).toMatchObject([
      {
        severity: "high",
        fingerprint: fleet.fingerprints[1],
        source: expect.stringMatching(/authorized_keys:1$/),
        what: expect.stringMatching(/^Eve has left, and the key /),
      },
    ]);
  });

  test("are listed, the worst first, with counts that match each filter", async () => {
    const all = await list();
    expect(all.total).toBe(all.all);
    expect(all.rows).toHaveLength(all.total);
    const ranks = all.rows.map(({ severity }) => ["high", "medium", "low"].indexOf(severity));
    expect(ranks).toEqual(ranks.toSorted());
    for (const { code, count, hosts } of all.kinds) {
      const { rows, total } = await list({ code });
      expect([rows.length, total, new Set(rows.map((row) => row.hostId)).size], code).toEqual([
        count,
        count,
        hosts,
      ]);
    }
    const some = await list({ host: "web-0002", severity: "medium", q: "user3" });
    expect(some.rows.length).toBeGreaterThan(0);
    expect(some.total).toBe(some.rows.length);
    expect(some.rows.every((row) => row.hostName === "web-0002" && row.severity === "medium")).toBe(true);
    expect((await list({ q: "%" })).total).toBe(0);
  });

  test("of what the last reading lacks are none, though it did not show everything", async () => {
    const [hostId] = fleet.hostIds;
    const before = await kindsOf({ host: "web-0001" });
    expect(before["dead-name"]).toBe(1);
    expect(before["unowned-key"]).toBeGreaterThan(0);
    await db.accessPath.updateMany({ where: { hostId }, data: { goneAt: new Date() } });
    await db.accessFindingRow.updateMany({ where: { hostId }, data: { goneAt: new Date() } });
    expect(await kindsOf({ host: "web-0001" })).toEqual({});
    await db.accessPath.updateMany({ where: { hostId }, data: { goneAt: null } });
    await db.accessFindingRow.updateMany({ where: { hostId }, data: { goneAt: null } });
    expect(await kindsOf({ host: "web-0001" })).toEqual(before);
  });

  test("of one host are the same on its own page, and name lines that the editor shows", async () => {
    const [hostId] = fleet.hostIds;
    if (!hostId) throw new Error("a host is missing");
    const file = {
      hostId,
      position: 0,
      mode: "644",
      owner: "root",
      group: "root",
      sha256: "",
      readAt: new Date(),
    };
    await db.configFile.create({ data: { ...file, path: "/etc/ssh/sshd_config" } });
    const own = await read(getHostFindings, { hostId }, auditor, origin);
    const listed = await list({ host: "web-0001" });
    expect(own.total).toBe(listed.total);
    const dead = [...own.rows, ...listed.rows].filter((row) => row.code === "dead-name");
    expect(dead.length).toBeGreaterThan(0);
    expect(dead.every((row) => row.isEditable && row.source === "/etc/ssh/sshd_config:5")).toBe(true);
    expect(listed.rows.filter((row) => row.code === "unowned-key").every((row) => !row.isEditable)).toBe(
      true,
    );
  });

  test("are read by whoever may read access, and by nobody else", async () => {
    const [hostId] = fleet.hostIds;
    for (const role of roles) {
      const actor = { ...auditor, role };
      const asked = [
        () => read(listFindings, {}, actor, origin),
        () => read(getHostFindings, { hostId }, actor, origin),
        () => read(askWhatIf, {}, actor, origin),
      ];
      for (const ask of asked)
        if (can(role, "access:read")) await ask();
        else await expect(ask()).rejects.toMatchObject({ code: "forbidden" });
    }
  });
});

describe("what if somebody came from there, then", () => {
  const ask = async (question: object) => {
    const { answer } = await read(askWhatIf, WhatIfInput.parse(question), auditor, origin);
    if (!answer) throw new Error("Nothing was asked.");
    return answer;
  };

  test("names the accounts that are open, and why another one stays shut", async () => {
    // Of kind 2: user3 has from="10.2.3.0/24,192.0.2.3", and its password is locked.
    const near = await ask({ from: "10.2.3.9", account: "user3", host: "web-0003" });
    expect(near.hosts[0]?.open.map((path) => path.account)).toContain("user3");
    expect(near.hosts[0]?.shut).toEqual([]);
    const far = await ask({ from: "203.0.113.9", account: "user3", host: "web-0003" });
    expect(far.hosts[0]?.open).toEqual([]);
    expect(far.hosts[0]?.shut.map((one) => one.account)).toEqual(["user3"]);
    expect(far.hosts[0]?.shut[0]?.why.length).toBeGreaterThan(0);
  });

  test("asks all hosts on which the account is open from anywhere, and IPv6 as well", async () => {
    const { hosts, candidates } = await ask({ from: "2001:db8::1", account: "user1" });
    expect(candidates).toBe(4);
    expect(hosts.every((host) => host.open.some((path) => path.account === "user1"))).toBe(true);
    expect((await ask({ from: "192.0.2.1", account: "nobody-like-this" })).hosts).toEqual([]);
  });

  test("says what is wrong with a question, and what was not read", async () => {
    expect((await ask({ from: "10.0.0.300" })).problem).toMatch(/no IPv4 or IPv6 address/);
    expect((await ask({ from: "10.0.0.3", person: crypto.randomUUID() })).problem).toMatch(/No key/);
    expect((await ask({ from: "10.0.0.3", at: "2026-02-31T10:00" })).problem).toMatch(/no such day/);
    await addHost(db, "never-read");
    const { hosts } = await ask({ from: "10.0.0.3", host: "never-read" });
    expect(hosts).toMatchObject([{ obstacle: expect.stringMatching(/not read yet/), open: [] }]);
  });
});
