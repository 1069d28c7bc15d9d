import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { addHost } from "@/lib/features/hosts/commands";
import { enrolByLogin, makeInstallCommand } from "@/lib/features/hosts/enrol-commands";
import { findInstallScript, takeReport } from "@/lib/features/hosts/install-report";
import { makeBoxKey, openBox } from "@/lib/secrets/box";
import { generateManagementKey } from "@/lib/ssh/keys";
import { addActor, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { type Actor, act } from "@/lib/usecase";

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

const newHost = (name: string) => ({ name, address: `${name}.example.org`, way: "command" as const });
const add = async (name: string, way: "command" | "login" = "command") =>
  act(addHost, { ...newHost(name), way }, admin, origin);
const refusal = (code: string) => expect.objectContaining({ name: "AppError", code });

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
