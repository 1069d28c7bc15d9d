import { beforeAll, describe, expect, test } from "vitest";
import { exportedWays, exportFleetAccess } from "@/lib/features/access/fleet-export";
import { findAccessPath, listFleetAccess } from "@/lib/features/access/fleet-queries";
import { FleetAccessInput } from "@/lib/features/access/schema";
import type { FleetAccessView } from "@/lib/features/access/views";
import { can, roles } from "@/lib/policy/permissions";
import { addActor, addHost, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { addFleet } from "@/lib/testing/fleet";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
let auditor: Actor;
let all: FleetAccessView;
const list = (filter: object = {}, actor = auditor) =>
  read(listFleetAccess, FleetAccessInput.parse({ perPage: 200, ...filter }), actor, origin);
const rowsFor = async (filter: object) => {
  const { rows, total } = await list(filter);
  if (!rows) throw new Error("The ways are grouped.");
  expect(total).toBe(rows.length);
  return rows;
};

beforeAll(async () => {
  auditor = await addActor(db, "auditor", "Aud");
  // Eight kinds of hosts, some with PermitRootLogin yes.
  const { fingerprints } = await addFleet(db, { hosts: 8, accounts: 13 });
  const ann = await db.person.create({
    data: { login: "ann", name: "Ann", role: "member", userHandle: Buffer.from("ann") },
  });
  const left = await db.person.create({
    data: {
      login: "eve",
      name: "Eve",
      role: "member",
      userHandle: Buffer.from("eve"),
      disabledAt: new Date(),
    },
  });
  const key = (personId: string, fingerprint = "", provedAt: Date | null = new Date()) => ({
    personId,
    fingerprint,
    type: "ssh-ed25519",
    blob: Buffer.from(fingerprint),
    bits: 256,
    name: "laptop",
    origin: "pasted" as const,
    provedAt,
  });
  await db.personKey.createMany({
    data: [
      key(ann.id, fingerprints[0]),
      key(ann.id, fingerprints[20]),
      key(left.id, fingerprints[1]),
      // Pasted, not proved: it counts as nobody's.
      key(left.id, fingerprints[2], null),
    ],
  });
  all = await list();
}, 60_000);

describe("the ways of the fleet", () => {
  test("are all there, with counts that match what the filters then list", async () => {
    expect(all.rows).toHaveLength(all.total);
    expect(all.total).toBe(all.all);
    expect(all.total).toBe(await db.accessPath.count());
    for (const [trait, count] of Object.entries(all.traits)) {
      const rows = await rowsFor({ is: [trait] });
      expect(rows, trait).toHaveLength(count);
    }
    expect(all.traits.root).toBeGreaterThan(0);
    expect(all.traits.password).toBeGreaterThan(0);
    expect(all.traits.unused).toBeGreaterThan(0);
    expect((await rowsFor({ factors: "one" })).length).toBe(all.factors.one);
    expect((await rowsFor({ factors: "more" })).length).toBe(all.factors.more);
    expect(all.factors.more).toBeGreaterThan(0);
    for (const { methods, count } of all.methods)
      expect(await rowsFor({ method: methods })).toHaveLength(count);
  });

  test("are found by host, account and tag, exactly or with a star", async () => {
    expect(new Set((await rowsFor({ host: "web-0003" })).map((row) => row.hostName))).toEqual(
      new Set(["web-0003"]),
    );
    expect(await rowsFor({ host: "web-000" })).toEqual([]);
    expect(await rowsFor({ host: "WEB-*" })).toHaveLength(all.total);
    expect(new Set((await rowsFor({ account: "user1" })).map((row) => row.account))).toEqual(
      new Set(["user1"]),
    );
    const many = new Set((await rowsFor({ account: "user1*" })).map((row) => row.account));
    expect(many).toEqual(new Set(["user1", "user10", "user11", "user12"]));
    const tagged = await rowsFor({ tag: ["prod"] });
    expect(new Set(tagged.map((row) => row.hostName))).toEqual(new Set(["web-0001", "web-0004", "web-0007"]));
  });

  test("are found by any word of key, address, host or owner, and no word acts as a pattern", async () => {
    const [first] = all.rows ?? [];
    const print = first?.fingerprint ?? "";
    expect((await rowsFor({ q: print })).every((row) => row.fingerprint === print)).toBe(true);
    expect(await rowsFor({ q: "192.0.2.3" })).not.toEqual([]);
    const hers = await rowsFor({ q: "AnN" });
    expect(hers.length).toBeGreaterThan(0);
    expect(hers.every((row) => row.person?.name === "Ann")).toBe(true);
    expect(await rowsFor({ q: "%" })).toEqual([]);
    expect(await rowsFor({ q: "user_" })).toEqual([]);
  });

  test("are a person's by proved keys alone; what nobody owns is nobody's", async () => {
    const ann = all.people.find(({ name }) => name === "Ann");
    const hers = await rowsFor({ person: ann?.id });
    expect(hers.length).toBeGreaterThan(0);
    expect(new Set(hers.map((row) => row.person?.name))).toEqual(new Set(["Ann"]));
    const eve = (await rowsFor({ q: "eve" })).filter((row) => row.person);
    expect(new Set(eve.map((row) => row.fingerprint)).size).toBe(1);
    expect(eve.every((row) => row.person?.hasLeft)).toBe(true);
    const nobodys = await rowsFor({ person: "nobody" });
    expect(nobodys.every((row) => row.person === null)).toBe(true);
    expect(nobodys.length + hers.length + eve.length).toBe(all.total);
    expect(all.traits.unowned).toBe(nobodys.filter((row) => row.fingerprint !== null).length);
  });

  test("with two keys are found under each of the two owners", async () => {
    const [ann, eve] = ["Ann", "Eve"].map((name) => all.people.find((person) => person.name === name)?.id);
    const [his] = await rowsFor({ person: eve });
    const [hers] = await rowsFor({ person: ann });
    if (!his?.fingerprint || !hers?.fingerprint) throw new Error("ways are missing");
    const where = { hostId_id: { hostId: hers.hostId, id: hers.id } };
    const both = [hers.fingerprint, his.fingerprint];
    await db.accessPath.update({ where, data: { fingerprints: both } });
    for (const person of [ann, eve])
      expect((await rowsFor({ person })).map(({ id, hostId }) => `${hostId} ${id}`)).toContain(
        `${hers.hostId} ${hers.id}`,
      );
    expect(await rowsFor({ person: auditor.personId })).toEqual([]);
    await db.accessPath.update({ where, data: { fingerprints: [hers.fingerprint] } });
  });

  test("that the last reading lacks are nowhere, though it did not show everything", async () => {
    const { hostId, id } = all.rows?.[0] ?? { id: "", hostId: "" };
    const where = { hostId_id: { hostId, id } };
    await db.accessPath.update({ where, data: { goneAt: new Date() } });
    const { rows, total, all: everything } = await list();
    expect([total, everything]).toEqual([all.total - 1, all.total - 1]);
    expect(rows?.some((row) => row.hostId === hostId && row.id === id)).toBe(false);
    expect(await read(findAccessPath, { hostId, id }, auditor, origin)).toBeNull();
    await db.accessPath.update({ where, data: { goneAt: null } });
  });

  test("follow their order over all pages, each once", async () => {
    for (const sort of ["host", "account", "methods", "factors", "used", "seen"]) {
      const seen: string[] = [];
      for (let page = 1; seen.length < all.total; page++) {
        const { rows } = await list({ sort, direction: "descending", page, perPage: 50 });
        expect(rows?.length, sort).toBeGreaterThan(0);
        seen.push(...(rows ?? []).map((row) => `${row.hostId} ${row.id}`));
      }
      expect(new Set(seen).size, sort).toBe(all.total);
    }
  });

  test("that have run out, and those of archived hosts, are not listed", async () => {
    const hostId = await addHost(db, "old-1");
    const { id, hostId: from } = all.rows?.[0] ?? { id: "", hostId: "" };
    const row = await db.accessPath.findUniqueOrThrow({ where: { hostId_id: { hostId: from, id } } });
    const view = JSON.parse(JSON.stringify(row.view));
    await db.accessReading.create({ data: { hostId, readAt: new Date() } });
    await db.accessPath.create({ data: { ...row, view, hostId, expiresAt: new Date(Date.now() - 1000) } });
    expect(await rowsFor({ host: "old-1" })).toEqual([]);
    await db.accessPath.updateMany({ where: { hostId }, data: { expiresAt: null } });
    expect(await rowsFor({ host: "old-1" })).toHaveLength(1);
    await db.host.update({ where: { id: hostId }, data: { state: "archived" } });
    expect(await rowsFor({ host: "old-1" })).toEqual([]);
    await db.host.delete({ where: { id: hostId } });
  });

  test("are read by whoever may read access, and by nobody else", async () => {
    for (const role of roles) {
      const asked = list({}, { ...auditor, role });
      if (can(role, "access:read")) expect((await asked).total).toBe(all.total);
      else await expect(asked).rejects.toMatchObject({ code: "forbidden" });
    }
  });
});

describe("ways in groups", () => {
  test.each(["host", "account", "person"] as const)("by %s add up to all ways", async (by) => {
    const { groups, listed, total } = await list({ by });
    expect(groups).toHaveLength(listed);
    expect(groups?.reduce((sum, group) => sum + group.ways, 0)).toBe(total);
    expect(groups?.reduce((sum, group) => sum + group.root, 0)).toBe(all.traits.root);
    expect(groups?.every((group) => group.rows === null)).toBe(true);
  });

  test("show their own ways when they are open, under the same filter", async () => {
    const { groups } = await list({ by: "account", open: ["root"], is: ["password"] });
    const root = groups?.find(({ key }) => key === "root");
    expect(root?.rows).toHaveLength(root?.ways ?? 0);
    expect(root?.rows?.every((row) => row.account === "root" && row.asksPassword)).toBe(true);
    expect(groups?.filter(({ rows }) => rows !== null)).toHaveLength(1);
  });

  test("by person name those who have left, and what is nobody's", async () => {
    const { groups } = await list({ by: "person" });
    expect(groups?.map(({ name, hasLeft }) => [name, hasLeft])).toEqual([
      ["Nobody we know", false],
      ["Ann", false],
      ["Eve", true],
    ]);
  });
});

describe("one way", () => {
  test("is explained by the lines that decide, with the owner of its key", async () => {
    const [row] = await rowsFor({ q: "ann" });
    const detail = await read(findAccessPath, { hostId: row?.hostId, id: row?.id }, auditor, origin);
    expect(detail?.owners[row?.fingerprint ?? ""]?.name).toBe("Ann");
    expect(detail?.view.why.some(({ source }) => source?.includes("authorized_keys:1"))).toBe(true);
  });

  test("that is gone is said to be gone", async () => {
    const hostId = all.rows?.[0]?.hostId;
    const asked = { hostId, id: "0".repeat(32) };
    expect(await read(findAccessPath, asked, auditor, origin)).toBeNull();
    await expect(read(findAccessPath, asked, { ...auditor, role: "member" }, origin)).rejects.toMatchObject({
      code: "forbidden",
    });
  });
});

describe("a file of ways", () => {
  const fileOf = async (input: object, actor = auditor) => {
    let text = "";
    for await (const piece of exportedWays(db, await act(exportFleetAccess, input, actor, origin)))
      text += piece;
    return text;
  };

  test("holds exactly what the page lists, as CSV and as JSON, and stands in the activity", async () => {
    const filter = { tag: ["prod"], is: ["password"] };
    const rows = await rowsFor(filter);
    const json: { host: string; account: string }[] = JSON.parse(await fileOf({ ...filter, format: "json" }));
    const names = (list: readonly { account: string }[]) => list.map(({ account }) => account).sort();
    expect(names(json)).toEqual(names(rows));
    const csv = await fileOf({ ...filter, format: "csv" });
    expect(csv.split("\r\n")).toHaveLength(rows.length + 2);
    const last = await db.activity.findFirst({
      where: { action: "access.export" },
      orderBy: { seq: "desc" },
    });
    expect(last).toMatchObject({ actorName: "Aud", outcome: "done" });
    expect(last?.detail).toMatchObject({ ways: rows.length, format: "csv", filter });
  });

  test("goes over more than one portion without losing or repeating a way", async () => {
    const whole: { host: string; account: string; from: string[]; why: unknown }[] = JSON.parse(
      await fileOf({ format: "json" }),
    );
    expect(whole).toHaveLength(all.total);
  });

  test("names the owner, and holds no formula and no escape of a host", async () => {
    const row = await db.accessPath.findFirstOrThrow({ where: { account: "user2" } });
    const { hostId, id } = row;
    const where = { hostId_id: { hostId, id } };
    const before = JSON.parse(JSON.stringify(row.view));
    const view = { ...before, account: "=cmd|'/c calc'!A1", forcedCommand: "\u202egnp.exe\u001b[2J" };
    await db.accessPath.update({ where, data: { view } });
    const csv = await fileOf({ format: "csv", account: "user2" });
    expect(csv).toContain(`"'=cmd|'/c calc'!A1"`);
    expect(csv).toContain("\\u202egnp.exe\\u001b[2J");
    expect(csv).not.toMatch(/[\u202e\u001b]/);
    await db.accessPath.update({ where, data: { view: before } });
    expect(await fileOf({ format: "csv", q: "ann" })).toContain(",Ann,");
  });

  test("wants a fresh touch and the right to read access", async () => {
    const tired = { ...auditor, steppedUpAt: null };
    await expect(fileOf({}, tired)).rejects.toMatchObject({ code: "step_up_required" });
    await expect(fileOf({}, { ...auditor, role: "member" })).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("what the list does not know", () => {
  test("is counted in hosts, and they are named", async () => {
    expect(all.coverage).toMatchObject({ hosts: 8, neverRead: 0, refused: 0, stale: 0, names: [] });
    const never = await addHost(db, "never-read");
    const refused = await addHost(db, "refused");
    const old = new Date(Date.now() - 40 * 3_600_000);
    await db.accessReading.create({ data: { hostId: refused, readAt: old, refused: "line 1: no" } });
    const [cut, moved] = await Promise.all([addHost(db, "cut"), addHost(db, "moved")]);
    await db.accessReading.create({ data: { hostId: cut, readAt: new Date(), cuts: 1 } });
    await db.accessReading.create({ data: { hostId: moved, readAt: new Date(), isConsistent: false } });
    const { coverage } = await list();
    expect(coverage).toEqual({
      hosts: 12,
      neverRead: 1,
      refused: 1,
      stale: 1,
      incomplete: 2,
      names: ["never-read", "refused"],
    });
    await db.host.deleteMany({ where: { id: { in: [never, refused, cut, moved] } } });
  });
});
