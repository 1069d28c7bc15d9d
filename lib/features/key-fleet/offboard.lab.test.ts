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
import { enqueue } from "@/lib/jobs/enqueue";
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
  const end = performance.now() + 110_000;
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
    if (stuck) throw new Error(`${stuck.hostName} ${stuck.state}: ${stuck.reason}`);
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

let carol: Awaited<ReturnType<typeof personWithKey>>;
let dave: typeof carol;

test("who is granted a tag is placed on both hosts by one act, and logs in to both", async () => {
  [carol, dave] = [await personWithKey("Carol"), await personWithKey("Dave")];
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
  for (const [index, { lab }] of hosts.entries()) {
    for (const { key } of [carol, dave]) expect((await lab.login("alice", { key })).ok).toBe(true);
    const before = original[index] ?? expect.fail("no file");
    expect((await lab.readBytes(file)).subarray(0, before.length)).toEqual(before);
  }
});

test("who leaves is refused in every account, by a host that was away as well; nobody else is, and every other byte stays", async () => {
  const [near, far] = hosts;
  if (!near || !far) return expect.fail("no hosts");
  // What she left by hand, in another account and with options, goes as well.
  const line = readFileSync(`${carol.key}.pub`, "utf8").trim();
  await near.lab.exec(
    `install -d -m 700 /root/.ssh; printf 'from="0.0.0.0/0" %s\\n' '${line}' >>/root/.ssh/authorized_keys; chmod 600 /root/.ssh/authorized_keys`,
  );
  const withDave = await Promise.all(
    hosts.map(async ({ lab }) => withoutLinesOf(await lab.readBytes(file), carol.key)),
  );
  const { port } = await db.host.findUniqueOrThrow({ where: { id: far.id } });
  // Nobody listens there: no heartbeat brings it back.
  const away = { port: 1, reachable: false, unreachableReason: "Away." };
  await db.host.update({ where: { id: far.id }, data: away });

  const { personId, login } = carol.person;
  const { batchId } = await act(offboardPerson, { personId, login }, ada, origin);
  if (batchId === null) return expect.fail("nothing to remove");
  const isAt = (host: { id: string }, state: string) => (view: BatchView) =>
    view.rows.some((row) => row.hostId === host.id && row.state === state);
  const asking = await batchWhen("root's last way in is asked for", batchId, isAt(near, "asks"));
  expect(asking.confirmation?.losses).toEqual([{ hostName: near.lab.name, accounts: ["root"] }]);
  const { seen } = asking.confirmation ?? expect.fail("nothing to confirm");
  await act(confirmBatch, { batchId, seen, typed: "1 account" }, ada, origin);
  const half = await batchWhen("the near one is clean", batchId, isAt(near, "done"));
  expect(isAt(far, "waiting")(half)).toBe(true);
  await expectOnlyCarolOut(near.lab, withDave[0]);
  expect((await near.lab.exec("cat /root/.ssh/authorized_keys")).stdout).not.toContain(blobOf(carol.key));
  expect((await far.lab.login("alice", { key: carol.key })).ok).toBe(true);

  await db.host.update({ where: { id: far.id }, data: { port, reachable: true } });
  // As the clock does each minute.
  await db.$transaction((tx) => enqueue(tx, "key-fleet.sweep", {}));
  await batchWhen("the far one is clean, too", batchId, ({ done }) => done === 2);
  await expectOnlyCarolOut(far.lab, withDave[1]);
});

async function expectOnlyCarolOut(host: LabHost, bytes: Buffer | undefined): Promise<void> {
  expect((await host.login("alice", { key: carol.key })).ok).toBe(false);
  expect((await host.login("alice", { key: dave.key })).ok).toBe(true);
  expect((await host.login("alice")).ok).toBe(true);
  expect(await host.readBytes(file)).toEqual(bytes);
}

function blobOf(key: string): string {
  return readFileSync(`${key}.pub`, "utf8").split(" ")[1] ?? expect.fail("no blob");
}

function withoutLinesOf(bytes: Buffer, key: string): Buffer {
  const text = bytes.toString("latin1");
  const kept = text.split(/(?<=\n)/).filter((line) => !line.includes(blobOf(key)));
  return Buffer.from(kept.join(""), "latin1");
}
