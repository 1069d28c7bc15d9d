import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Hello } from "@/lib/agent/answers";
import { addHost, archiveHost, editHost, importHosts, unarchiveHost } from "@/lib/features/hosts/commands";
import { enrolByLogin, makeInstallCommand } from "@/lib/features/hosts/enrol-commands";
import { enqueueHeartbeats } from "@/lib/features/hosts/heartbeat";
import { findInstallScript, takeReport } from "@/lib/features/hosts/install-report";
import { removeHost, runPackages } from "@/lib/features/hosts/operate-commands";
import { getHost, listHosts } from "@/lib/features/hosts/queries";
import { recordHello, recordSilence } from "@/lib/features/hosts/record-hello";
import { makeBoxKey, openBox } from "@/lib/secrets/box";
import { generateManagementKey } from "@/lib/ssh/keys";
import { addActor, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
let admin: Actor;
let operator: Actor;
beforeAll(async () => {
  admin = await addActor(db, "admin", "Ada");
  operator = await addActor(db, "operator", "Olga");
});
beforeEach(async () => {
  await db.host.deleteMany();
  await db.worker.deleteMany();
  await db.$executeRaw`TRUNCATE graphile_worker._private_jobs`;
});

const newHost = (name: string) => ({ name, address: `${name}.example.org`, way: "command" as const });
const add = async (name: string, way: "command" | "login" = "command") =>
  act(addHost, { ...newHost(name), way }, admin, origin);
const refusal = (code: string) => expect.objectContaining({ name: "AppError", code });

describe("adding", () => {
  test("makes the host, its enrolment and the job for its key together", async () => {
    const { hostId, enrolmentId } = await add("web");
    const view = await read(getHost, { hostId }, admin, origin);
    expect(view).toMatchObject({
      name: "web",
      port: 22,
      condition: "enrolling",
      enrolment: { id: enrolmentId, commandReady: false },
    });
    const jobs = await db.$queryRaw`SELECT payload FROM graphile_worker._private_jobs`;
    expect(jobs).toEqual([{ payload: { hostId } }]);
  });

  test("a taken name is refused with the field, also when two choose it at once", async () => {
    await add("web");
    await expect(add("web")).rejects.toMatchObject({
      code: "conflict",
      fields: { name: expect.any(String) },
    });
    const both = await Promise.allSettled([add("db"), add("db")]);
    expect(both.map((one) => one.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(both.find((one) => one.status === "rejected")?.reason).toEqual(refusal("conflict"));
  });

  test.each([
    ["a name that begins with a dash", { name: "-o" }],
    ["a name with a line end", { name: "a\nb" }],
    ["an address with an option", { address: "-oProxyCommand=id" }],
    ["an address with a space", { address: "a b" }],
    ["a port that is none", { port: 70_000 }],
    ["a field that nobody knows", { state: "managed" }],
  ])("%s is refused", async (_, wrong) => {
    await expect(act(addHost, { ...newHost("web"), ...wrong }, admin, origin)).rejects.toEqual(
      refusal("invalid"),
    );
    expect(await db.host.count()).toBe(0);
  });

  test("of 3,000 by import, or of none of them", async () => {
    const hosts = Array.from({ length: 3000 }, (_, i) => ({
      name: `h${i}`,
      address: "192.0.2.1",
      port: 22,
      tags: ["x"],
    }));
    await act(importHosts, { hosts }, admin, origin);
    expect(await db.host.count()).toBe(3000);
    const jobs = await db.$queryRaw<{ hosts: bigint }[]>`
      SELECT count(DISTINCT payload->>'hostId') AS hosts FROM graphile_worker._private_jobs`;
    expect(jobs).toEqual([{ hosts: 3000n }]);
    const more = [{ ...hosts[0], name: "new" }, hosts[7]];
    await expect(act(importHosts, { hosts: more }, admin, origin)).rejects.toEqual(refusal("conflict"));
    expect(await db.host.count()).toBe(3000);
  });

  test("is not an operator's act, and his try is in the activity", async () => {
    await expect(act(addHost, newHost("web"), operator, origin)).rejects.toEqual(refusal("forbidden"));
    const row = await db.activity.findFirst({
      where: { action: "host.add", outcome: "refused" },
      orderBy: { seq: "desc" },
    });
    expect(row?.actorName).toBe("Olga");
  });
});

describe("the install command", () => {
  async function ready(name = "web") {
    const { hostId } = await add(name);
    const { publicKey } = generateManagementKey("x");
    await db.host.update({ where: { id: hostId }, data: { managementPublicKey: publicKey } });
    return hostId;
  }

  test("needs a fresh touch", async () => {
    const hostId = await ready();
    const tired = { ...admin, steppedUpAt: null };
    await expect(act(makeInstallCommand, { hostId }, tired, origin)).rejects.toEqual(
      refusal("step_up_required"),
    );
  });

  test("waits for the host's key", async () => {
    const { hostId } = await add("web");
    await expect(act(makeInstallCommand, { hostId }, admin, origin)).rejects.toEqual(refusal("unavailable"));
  });

  test("names the very script that is served, while it is open and not longer", async () => {
    const hostId = await ready();
    expect(await findInstallScript(hostId)).toBeUndefined();
    const { enrolmentId } = await act(makeInstallCommand, { hostId }, admin, origin);
    expect(await findInstallScript(hostId)).toContain(hostId);
    await db.enrolment.update({ where: { id: enrolmentId }, data: { expiresAt: new Date(Date.now() - 1) } });
    expect(await findInstallScript(hostId)).toBeUndefined();
    expect(await findInstallScript("' OR true --")).toBeUndefined();
  });

  test("leaves its secret readable nowhere", async () => {
    const hostId = await ready();
    const { command, enrolmentId } = await act(makeInstallCommand, { hostId }, admin, origin);
    const secret = /k=([0-9a-f]{64})/.exec(command)?.[1] ?? expect.fail();
    const rows = JSON.stringify(
      await db.$queryRaw`SELECT e::text, encode(e."secretSealed", 'escape') FROM "Enrolment" e`,
    );
    expect(rows).toContain(enrolmentId);
    expect(rows).not.toContain(secret);
    const activity = await db.activity.findMany();
    expect(
      JSON.stringify(activity, (_, value) => (typeof value === "bigint" ? `${value}` : value)),
    ).not.toContain(secret);
  });

  test.each([
    ["nothing", ""],
    ["another shape", "host=1\nmac=2\n\nx"],
    ["an unknown host", `host=${randomUUID()}\nmac=${"0".repeat(64)}\n\nhostkey.1=x\n`],
    ["more than a report", "x".repeat(70_000)],
  ])("a report of %s is refused", async (_, text) => {
    expect(await takeReport(Buffer.from(text), "192.0.2.9")).toMatchObject({ isAccepted: false });
  });
});

describe("a login", () => {
  const fingerprint = `SHA256:${"A".repeat(43)}`;
  async function compared() {
    const { hostId, enrolmentId } = await add("web", "login");
    const offeredKeys = [{ type: "ssh-ed25519", fingerprint, blob: "AAAA" }];
    await db.enrolment.update({ where: { id: enrolmentId }, data: { state: "compare", offeredKeys } });
    const credential = { kind: "password" as const, password: "hunter2-hunter2" };
    return { hostId, enrolmentId, fingerprint, username: "root", credential };
  }
  async function addWorker() {
    const box = makeBoxKey();
    const id = randomUUID();
    await db.$executeRaw`
      INSERT INTO "Worker" (id, "boxPublicKey", version, hostname, pools, "seenAt")
      VALUES (${id}, ${box.publicKey}, 'test', 'test', '{}', now())`;
    return { id, box };
  }

  test("without a worker is refused, and nothing is kept", async () => {
    const input = await compared();
    await expect(act(enrolByLogin, input, admin, origin)).rejects.toEqual(refusal("unavailable"));
    expect(await db.enrolment.findFirst({ where: { id: input.enrolmentId } })).toMatchObject({
      state: "compare",
      credentialBoxes: null,
    });
  });

  test("is sealed to each worker's memory and stands nowhere else", async () => {
    const workers = [await addWorker(), await addWorker()];
    const input = await compared();
    await act(enrolByLogin, input, admin, origin);
    const { credentialBoxes } = await db.enrolment.findUniqueOrThrow({ where: { id: input.enrolmentId } });
    const boxes = credentialBoxes as Record<string, string>;
    expect(Object.keys(boxes).toSorted()).toEqual(workers.map((worker) => worker.id).toSorted());
    for (const { id, box } of workers) {
      const opened = openBox(
        box.privateKey,
        Buffer.from(boxes[id] ?? "", "base64"),
        `enrolment:${input.enrolmentId}`,
      );
      expect(JSON.parse(opened.toString())).toEqual({ username: "root", credential: input.credential });
    }
    const everything = await db.$queryRaw`
      SELECT e::text FROM "Enrolment" e UNION ALL SELECT j::text FROM graphile_worker._private_jobs j
      UNION ALL SELECT a::text FROM "Activity" a UNION ALL SELECT v::text FROM "Event" v`;
    expect(JSON.stringify(everything)).not.toContain("hunter2");
  });

  test("twice at once is used once", async () => {
    await addWorker();
    const input = await compared();
    const both = await Promise.allSettled([
      act(enrolByLogin, input, admin, origin),
      act(enrolByLogin, input, admin, origin),
    ]);
    expect(both.map((one) => one.status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });

  test("to a fingerprint that was not shown is refused", async () => {
    await addWorker();
    const input = { ...(await compared()), fingerprint: `SHA256:${"B".repeat(43)}` };
    await expect(act(enrolByLogin, input, admin, origin)).rejects.toEqual(refusal("conflict"));
  });
});

describe("acts on a host", () => {
  async function managed(name = "web") {
    const { hostId } = await add(name);
    await db.host.update({ where: { id: hostId }, data: { state: "managed", agentVersion: "1" } });
    await db.hostKeyPin.create({
      data: { hostId, type: "ssh-ed25519", blob: Buffer.from("x"), fingerprint: "SHA256:x", origin: "test" },
    });
    return hostId;
  }

  test("wait while a change is under way", async () => {
    const hostId = await managed();
    await db.change.create({
      data: {
        hostRef: "a".repeat(20),
        hostId,
        path: "/etc/ssh/sshd_config",
        fileSha256Id: "0".repeat(64),
        baseSha256: "0".repeat(64),
        baseContent: "",
        content: "",
        newSha256: "0".repeat(64),
        state: "proving",
        authorId: admin.personId,
        keepBy: "login",
        deadlineSeconds: 60,
      },
    });
    const packages = { hostId, action: "upgrade", name: "openssh-server" };
    await expect(act(runPackages, packages, operator, origin)).rejects.toEqual(refusal("conflict"));
    await expect(act(archiveHost, { hostId }, operator, origin)).rejects.toEqual(refusal("conflict"));
    await expect(act(removeHost, { hostId, name: "web" }, admin, origin)).rejects.toEqual(
      refusal("conflict"),
    );
    await expect(act(editHost, { hostId, port: 2222 }, operator, origin)).rejects.toEqual(
      refusal("conflict"),
    );
    await act(editHost, { hostId, note: "busy" }, operator, origin);
    const row = (await read(listHosts, {}, admin, origin)).rows[0];
    expect(row?.pendingChange).toMatchObject({ state: "proving" });
  });

  test("are refused for one that is archived or whose key changed", async () => {
    const hostId = await managed();
    const packages = { hostId, action: "upgrade", name: "openssh-server" };
    await act(archiveHost, { hostId }, operator, origin);
    await expect(act(runPackages, packages, operator, origin)).rejects.toEqual(refusal("conflict"));
    await act(unarchiveHost, { hostId }, operator, origin);
    await act(runPackages, packages, operator, origin);
    await db.host.update({ where: { id: hostId }, data: { state: "key_changed" } });
    await expect(act(runPackages, packages, operator, origin)).rejects.toEqual(refusal("conflict"));
  });

  test("a host whose key changed comes out of the archive as such, not as a trusted one", async () => {
    const hostId = await managed();
    await db.hostKeyPin.create({
      data: {
        hostId,
        type: "ssh-ed25519",
        blob: Buffer.from("y"),
        fingerprint: "SHA256:y",
        origin: "offered",
        offeredAt: new Date(),
      },
    });
    await act(archiveHost, { hostId }, operator, origin);
    await act(unarchiveHost, { hostId }, operator, origin);
    expect((await read(getHost, { hostId }, admin, origin)).condition).toBe("key_changed");
  });

  test("silence is told once, with what a host cannot put into a database made harmless", async () => {
    const hostId = await managed();
    const before = await db.event.count();
    await recordSilence(hostId, "no\0route \ud800");
    await recordSilence(hostId, "no\0route \ud800");
    expect((await db.event.count()) - before).toBe(2);
    const [row] = (await read(listHosts, { state: "unreachable" }, admin, origin)).rows;
    expect(row).toMatchObject({
      id: hostId,
      condition: "unreachable",
      unreachableReason: "no\uFFFDroute \uFFFD",
    });
  });
});

describe("a hello", () => {
  const ed25519 = generateManagementKey("host").publicKey;
  const hello = (more: Partial<Hello> = {}): Hello => ({
    agentVersion: "1",
    agentSha256: "0".repeat(64),
    bootId: "b",
    uptimeSeconds: 5,
    clockSeconds: Date.now() / 1000,
    osId: "debian",
    osVersion: "12",
    osName: "Debian GNU/Linux",
    kernel: "6.1",
    architecture: "x86_64",
    hostname: "web",
    init: "systemd",
    sshdUnit: "service",
    sshdVersion: "OpenSSH_9.2",
    sshdPackage: "1",
    sshPackage: "1",
    listen: ["0.0.0.0:22"],
    hostKeys: [ed25519],
    transaction: { state: "idle", id: "", left: "" },
    originalKept: true,
    ...more,
  });
  const managed = () => db.host.create({ data: { name: "web", address: "192.0.2.1", state: "managed" } });

  test("is told when something that pages show has changed, and not otherwise", async () => {
    const { id } = await managed();
    const told = async (answer: Hello) => {
      const before = await db.event.count();
      await recordHello(id, answer);
      return (await db.event.count()) - before;
    };
    expect(await told(hello())).toBe(2);
    expect(await told(hello({ uptimeSeconds: 65 }))).toBe(0);
    expect(await told(hello({ sshdVersion: "OpenSSH_9.2p1" }))).toBe(2);
    expect(await told(hello({ sshdVersion: "OpenSSH_9.2p1", listen: ["0.0.0.0:2222"] }))).toBe(2);
    await recordSilence(id, "gone");
    expect(await told(hello({ sshdVersion: "OpenSSH_9.2p1", listen: ["0.0.0.0:2222"] }))).toBe(2);
  });

  test("adds host keys of types without a pin, and never replaces a pin", async () => {
    const { id } = await managed();
    await recordHello(id, hello());
    const other = generateManagementKey("other").publicKey;
    const ecdsa =
      "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBOi7YrMk+uIqADFD+xU3wYNgwhGpAKC8PdURjynYTDZeasstRrM/4dF8LP3mtEHkBIK84l0uAsU36FdOp5ZgAR8=";
    await recordHello(id, hello({ hostKeys: [other, ecdsa, "nonsense", "ssh-rsa AAAA"] }));
    const pins = await db.hostKeyPin.findMany({ where: { hostId: id }, orderBy: { type: "desc" } });
    expect(pins.map((pin) => `${pin.type} ${Buffer.from(pin.blob).toString("base64")}`)).toEqual([
      ed25519.split(" ").slice(0, 2).join(" "),
      ecdsa,
    ]);
  });

  test("of a hostile host is stored and shown as the text it is", async () => {
    const { id } = await managed();
    const evil = "<script>\u202e\ud800\0";
    await recordHello(id, hello({ hostname: evil, osName: evil, listen: [evil] }));
    const { facts } = await read(getHost, { hostId: id }, admin, origin);
    expect(facts?.hostname).toBe("<script>\u202e\uFFFD\uFFFD");
  });
});

describe("the list", () => {
  const names = async (filter: object) =>
    (await read(listHosts, filter, admin, origin)).rows.map((row) => row.name);

  test("filters by words, tags and state, and takes % and _ for what they are", async () => {
    const make = (name: string, more: object) =>
      db.host.create({ data: { name, address: `${name}.example.org`, state: "managed", ...more } });
    await make("web-1", { tags: ["prod", "eu"], reachable: true });
    await make("web-2", { tags: ["prod"], reachable: false });
    await make("web_3", { state: "archived" });
    await make("web_4", { driftedAt: new Date(), osName: "Debian GNU/Linux 12" });
    expect(await names({ q: "WEB" })).toEqual(["web_4", "web-1", "web-2"].toSorted());
    expect(await names({ q: "web_" })).toEqual(["web_4"]);
    expect(await names({ q: "%" })).toEqual([]);
    expect(await names({ q: "debian 12" })).toEqual(["web_4"]);
    expect(await names({ tag: ["prod", "eu"] })).toEqual(["web-1"]);
    expect(await names({ state: "unreachable" })).toEqual(["web-2"]);
    expect(await names({ state: "archived" })).toEqual(["web_3"]);
    const { all, counts, tags, total } = await read(listHosts, { tag: ["eu"] }, admin, origin);
    expect({ all, total, counts }).toEqual({
      all: 3,
      total: 1,
      counts: { managed: 3, enrolling: 0, unreachable: 1, key_changed: 0, drifted: 1, archived: 1 },
    });
    expect(tags).toEqual([
      { tag: "prod", count: 2 },
      { tag: "eu", count: 1 },
    ]);
  });

  test("orders OpenSSH versions as numbers, unknown ones last", async () => {
    const versions = { a: "OpenSSH_10.0p2", b: "OpenSSH_9.2p1", c: null, d: "nonsense", e: "OpenSSH_8.4p1" };
    for (const [name, sshdVersion] of Object.entries(versions))
      await db.host.create({ data: { name, address: name, state: "managed", sshdVersion } });
    const up = await names({ sort: "openssh" });
    expect(up.slice(0, 3)).toEqual(["e", "b", "a"]);
    expect((await names({ sort: "openssh", direction: "descending" })).slice(0, 3)).toEqual(["a", "b", "e"]);
  });

  test("of 3,000 hosts comes in time, page by page without a host twice", async () => {
    await db.host.createMany({
      data: Array.from({ length: 3000 }, (_, i) => ({
        name: `host-${i}`,
        address: `10.0.${i >> 8}.${i & 255}`,
        state: "managed" as const,
        tags: [`t${i % 30}`, "all"],
        reachable: i % 7 !== 0,
        osName: "Debian",
        sshdVersion: `OpenSSH_${8 + (i % 3)}.${i % 10}p1`,
        seenAt: new Date(),
      })),
    });
    await db.$executeRaw`ANALYZE "Host"`;
    const times: number[] = [];
    for (const sort of ["name", "openssh", "seen", "os", "address", "created"] as const)
      for (let i = 0; i < 5; i++) {
        const begin = performance.now();
        await read(listHosts, { sort, q: i % 2 ? "host" : "", perPage: 50 }, admin, origin);
        times.push(performance.now() - begin);
      }
    const median = times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0;
    console.log(
      `list of 3,000 hosts: median ${median.toFixed(1)} ms, worst ${Math.max(...times).toFixed(1)} ms`,
    );
    expect(median).toBeLessThan(250); // 50 on a quiet machine; this one is shared
    const seen = new Set<string>();
    for (let page = 1; page <= 6; page++)
      for (const row of (await read(listHosts, { sort: "os", page, perPage: 500 }, admin, origin)).rows)
        seen.add(row.id);
    expect(seen.size).toBe(3000);
  });
});

test("heartbeats of 3,000 hosts: those asked longest ago come first, as many as one worker bears, none twice", async () => {
  await db.host.createMany({
    data: Array.from({ length: 3000 }, (_, i) => ({
      name: `h${i}`,
      address: "192.0.2.1",
      state: i < 2900 ? ("managed" as const) : ("archived" as const),
      checkedAt: new Date(Date.now() - i * 1000),
    })),
  });
  await enqueueHeartbeats();
  await enqueueHeartbeats();
  const queued = await db.$queryRaw<{ key: string; seconds: number }[]>`
    SELECT key, extract(epoch FROM run_at - now())::float AS seconds FROM graphile_worker._private_jobs`;
  const oldest = await db.host.findMany({
    where: { state: "managed" },
    orderBy: { checkedAt: "asc" },
    take: 900,
  });
  expect(new Set(queued.map((job) => job.key))).toEqual(
    new Set(oldest.map((host) => `heartbeat:${host.id}`)),
  );
  expect(queued).toHaveLength(900);
  const latest = Math.max(...queued.map((job) => job.seconds));
  expect(latest).toBeLessThan(51);
  expect(latest).toBeGreaterThan(30);
});
