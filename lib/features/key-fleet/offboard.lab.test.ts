import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, type LabHost, openLab } from "@/e2e/lab/lab";
import { readAccess } from "@/lib/features/access/commands";
import { getBatch } from "@/lib/features/key-fleet/batch-queries";
import { confirmBatch } from "@/lib/features/key-fleet/commands";
import { offboardPerson } from "@/lib/features/key-fleet/offboard";
import type { BatchView } from "@/lib/features/key-fleet/views";
import { planWanted } from "@/lib/features/key-fleet/wanted-batch";
import { createGrant } from "@/lib/features/placements/commands";
import { fingerprint, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { addActor, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { enrolLabHost } from "@/lib/testing/enrolled-host";
import { WorkerProcess } from "@/lib/testing/worker-process";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-offboard-"));
const file = "/home/alice/.ssh/authorized_keys";
let lab: Lab;
let worker: WorkerProcess;
let ada: Actor;
let hosts: { lab: LabHost; id: string }[];

beforeAll(async () => {
  [lab, worker, ada] = await Promise.all([openLab(), WorkerProcess.start(), addActor(db, "admin", "Ada")]);
  hosts = [];
  for (const image of ["bookworm", "trixie"] as const) {
    const host = await lab.start(image);
    await host.exec(`printf '# caf\\351\\r\\nthis is no key\\n# end\\n' >>${file}`);
    hosts.push({ lab: host, id: await enrolLabHost(db, host) });
  }
  await db.host.updateMany({ data: { tags: ["prod"] } });
});
afterAll(async () => {
  await worker?.kill();
  await lab?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Waits on meaning, with a limit that only a hang reaches. */
async function until<T>(what: string, look: () => Promise<T | false | null | undefined>): Promise<T> {
  const end = performance.now() + 120_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > end) throw new Error(`waited until ${what}\n${worker.output}`);
    await sleep(100);
  }
}

function batchWhen(what: string, batchId: string, isSo: (view: BatchView) => boolean): Promise<BatchView> {
  return until(what, async () => {
    const view = await read(getBatch, { batchId }, ada, origin);
    const stuck = view.rows.find(({ state }) => state === "refused");
    if (stuck) throw new Error(`${stuck.hostName} refused: ${stuck.reason}`);
    return isSo(view) && view;
  });
}

/** A person with a proved key, whose private half is in a file. */
async function personWithKey(name: string) {
  const key = path.join(folder, name);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", key]);
  const { blob, type } =
    parsePublicKey(readFileSync(`${key}.pub`, "utf8")) ?? expect.fail("ssh-keygen made no key");
  const person = await addActor(db, "member", name);
  await db.personKey.create({
    data: {
      personId: person.personId,
      fingerprint: fingerprint(blob),
      type,
      blob: new Uint8Array(blob),
      bits: 256,
      name: "Laptop",
      origin: "pasted",
      provedAt: new Date(),
    },
  });
  return { person, key };
}

test("who is placed on two hosts by one act logs in to both; who leaves is refused by both, and nobody else", async () => {
  const [carol, dave] = [await personWithKey("Carol"), await personWithKey("Dave")];
  for (const { id } of hosts) {
    await act(readAccess, { hostId: id }, ada, origin);
    await until("the host was read", () =>
      db.accessReading.findFirst({ where: { hostId: id, readAt: { not: null } } }),
    );
  }
  const original = await Promise.all(hosts.map(({ lab }) => lab.readBytes(file)));
  for (const { person } of [carol, dave])
    await act(createGrant, { personId: person.personId, tag: "prod", account: "alice" }, ada, origin);

  const { batchId } = await act(planWanted, { kind: "place", tag: "prod" }, ada, origin);
  const planned = await batchWhen(
    "both are planned",
    batchId,
    ({ confirmation }) => confirmation?.planned === 2,
  );
  expect(planned.confirmation).toMatchObject({ gainsWays: 4, losesWays: 0, typed: null });
  for (const { lab } of hosts) expect((await lab.login("alice", { key: carol.key })).ok).toBe(false);
  await act(confirmBatch, { batchId, seen: planned.confirmation?.seen }, ada, origin);
  await batchWhen("both show the keys", batchId, ({ done }) => done === 2);
  for (const { lab } of hosts)
    for (const { key } of [carol, dave]) expect((await lab.login("alice", { key })).ok).toBe(true);

  // What she left by hand, in another account and with options, goes as well.
  const [first] = hosts;
  if (!first) expect.fail("no host");
  await first.lab.exec(
    `install -d -m 700 /root/.ssh; printf 'from="0.0.0.0/0" %s\\n' '${readFileSync(`${carol.key}.pub`, "utf8").trim()}' >>/root/.ssh/authorized_keys; chmod 600 /root/.ssh/authorized_keys`,
  );
  const withDave = await Promise.all(
    hosts.map(async ({ lab }) => withoutLinesOf(await lab.readBytes(file), carol.key)),
  );
  const { personId, login } = carol.person;
  const leaving = await act(offboardPerson, { personId, login, confirmAlone: true }, ada, origin);
  if (leaving.batchId === null) expect.fail("nothing to remove");
  await batchWhen("both are clean", leaving.batchId, ({ done }) => done === 2);
  for (const [index, { lab }] of hosts.entries()) {
    expect((await lab.login("alice", { key: carol.key })).ok).toBe(false);
    expect((await lab.login("alice", { key: dave.key })).ok).toBe(true);
    expect((await lab.login("alice")).ok).toBe(true);
    const left = await lab.readBytes(file);
    expect(left).toEqual(withDave[index]);
    expect(left.subarray(0, original[index]?.length)).toEqual(original[index]);
  }
  expect((await first.lab.exec("cat /root/.ssh/authorized_keys")).stdout).not.toContain(blobOf(carol.key));
});

test("a host that is away is listed, and follows by itself when it is back", async () => {
  const erin = await personWithKey("Erin");
  const [near, far] = hosts;
  if (!near || !far) return expect.fail("no hosts");
  const line = readFileSync(`${erin.key}.pub`, "utf8").trim();
  for (const { lab } of hosts) await lab.exec(`printf '%s\\n' '${line}' >>${file}`);
  await db.host.update({ where: { id: far.id }, data: { reachable: false, unreachableReason: "Away." } });
  const address = await db.host.findUniqueOrThrow({ where: { id: far.id } });
  // Nobody listens there: a heartbeat does not bring it back either.
  await db.host.update({ where: { id: far.id }, data: { port: 1 } });
  const { personId, login } = erin.person;
  const { batchId } = await act(offboardPerson, { personId, login, confirmAlone: true }, ada, origin);
  if (batchId === null) return expect.fail("nothing to remove");
  const half = await batchWhen("the near one is clean", batchId, ({ done }) => done === 1);
  expect(half.rows.find(({ hostId }) => hostId === far.id)).toMatchObject({ state: "waiting" });
  expect((await near.lab.login("alice", { key: erin.key })).ok).toBe(false);
  expect((await far.lab.login("alice", { key: erin.key })).ok).toBe(true);

  await db.host.update({ where: { id: far.id }, data: { port: address.port, reachable: true } });
  await batchWhen("the far one is clean, too", batchId, ({ done }) => done === 2);
  expect((await far.lab.login("alice", { key: erin.key })).ok).toBe(false);
  expect((await far.lab.login("alice")).ok).toBe(true);
});

function blobOf(key: string): string {
  return readFileSync(`${key}.pub`, "utf8").split(" ")[1] ?? expect.fail("no blob");
}

function withoutLinesOf(bytes: Buffer, key: string): Buffer {
  const text = bytes.toString("latin1");
  const kept = text.split(/(?<=\n)/).filter((line) => !line.includes(blobOf(key)));
  return Buffer.from(kept.join(""), "latin1");
}
