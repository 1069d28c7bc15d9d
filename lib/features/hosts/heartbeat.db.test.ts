import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Hello } from "@/lib/agent/answers";
import { enqueueHeartbeats } from "@/lib/features/hosts/heartbeat";
import { getHost } from "@/lib/features/hosts/queries";
import { recordHello, recordSilence } from "@/lib/features/hosts/record-hello";
import { generateManagementKey } from "@/lib/ssh/keys";
import { addActor, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { type Actor, read } from "@/lib/usecase";

const db = await openDatabase();
let admin: Actor;
beforeAll(async () => {
  admin = await addActor(db, "admin", "Ada");
});
beforeEach(async () => {
  await db.host.deleteMany();
  await db.worker.deleteMany();
  await db.$executeRaw`TRUNCATE graphile_worker._private_jobs`;
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
