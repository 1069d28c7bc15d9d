import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, type LabHost, openLab } from "@/e2e/lab/lab";
import { type ChangeState, isEnded } from "@/lib/change/machine";
import { readAccess } from "@/lib/features/access/commands";
import { applyChange, keepChange } from "@/lib/features/changes/commands";
import { planKeys } from "@/lib/features/changes/key-commands";
import { putBackKeys } from "@/lib/features/changes/put-back";
import { getChange } from "@/lib/features/changes/queries";
import { planRootFiles } from "@/lib/features/changes/root-files";
import type { ChangeView } from "@/lib/features/changes/views";
import { getBatch } from "@/lib/features/key-fleet/batch-queries";
import { confirmBatch } from "@/lib/features/key-fleet/commands";
import { planWanted } from "@/lib/features/key-fleet/wanted-batch";
import { createGrant, revokeGrant } from "@/lib/features/placements/commands";
import { getHostKeys } from "@/lib/features/placements/queries";
import type { KeyAccountView } from "@/lib/features/placements/views";
import { fingerprint, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { addActor, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { enrolLabHost } from "@/lib/testing/enrolled-host";
import { WorkerProcess } from "@/lib/testing/worker-process";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-placements-"));
const file = "/home/alice/.ssh/authorized_keys";
let lab: Lab;
let worker: WorkerProcess;
let ada: Actor;
let host: LabHost;
let hostId: string;

beforeAll(async () => {
  [lab, worker, ada] = await Promise.all([openLab(), WorkerProcess.start(), addActor(db, "admin", "Ada")]);
  host = await lab.start("bookworm");
  await host.exec(`printf '# caf\\351\\r\\nthis is no key\\n# end' >>${file}`);
  hostId = await enrolLabHost(db, host);
});
afterAll(async () => {
  await worker?.kill();
  await lab?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Waits on meaning, with a limit that only a hang reaches. */
async function until<T>(what: string, look: () => Promise<T | false | null | undefined>): Promise<T> {
  const end = performance.now() + 90_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > end) throw new Error(`waited until ${what}\n${worker.output}`);
    await sleep(100);
  }
}

function reached(changeId: string, state: ChangeState): Promise<ChangeView> {
  return until(`the change is ${state}`, async () => {
    const change = await read(getChange, { changeId }, ada, origin);
    if (isEnded(change.state) && change.state !== state)
      throw new Error(`it ended ${change.state}: ${change.outcome}`);
    return change.state === state && change;
  });
}

/** Alice's account, as soon as the host was read and shows what is waited for. */
async function aliceWhen(
  what: string,
  isThere: (account: KeyAccountView) => boolean,
): Promise<KeyAccountView> {
  return until(what, async () => {
    const view = await read(getHostKeys, { hostId }, ada, origin);
    const alice = view.accounts.find(({ name }) => name === "alice");
    return alice !== undefined && isThere(alice) && alice;
  });
}

/** The line of a key as the page shows it. */
function lineOf({ files }: KeyAccountView, fingerprint: string) {
  const key = files.flatMap(({ keys }) => keys).findLast((key) => key.fingerprint === fingerprint);
  if (!key) return expect.fail(`no line has ${fingerprint}`);
  return { fingerprint, seen: { line: key.line, sha256: key.sha256 } };
}

async function applied(changeId: string): Promise<ChangeView> {
  const planned = await reached(changeId, "planned");
  expect(planned.planError).toBeNull();
  await act(applyChange, { changeId, keepBy: "login", deadlineSeconds: 60 }, ada, origin);
  await reached(changeId, "confirmed");
  return planned;
}

/** A person with a proved key, whose private half is in a file. */
async function personWithKey(name: string) {
  const key = path.join(folder, name);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "x", "-f", key]);
  const { blob, type } =
    parsePublicKey(readFileSync(`${key}.pub`, "utf8")) ?? expect.fail("ssh-keygen made no key");
  const person = await addActor(db, "member", name);
  const stored = await db.personKey.create({
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
  return { key, person, stored };
}

test("a person's key is wanted, placed, proved by a login, unwanted and gone; every other byte stays", async () => {
  const original = await host.readBytes(file);
  const { key, person: carol, stored } = await personWithKey("Carol");
  const { blob, type } = stored;

  await act(readAccess, { hostId }, ada, origin);
  await aliceWhen("the host was read", ({ files }) => files.length > 0);
  const options = { from: "10.77.0.0/16,127.0.0.1", restrict: true };
  const grant = { personId: carol.personId, hostId, account: "alice", options };
  const { grantId } = await act(createGrant, grant, ada, origin);
  const wanted = await aliceWhen("Carol's key is wanted", ({ missing }) => missing.length > 0);
  expect(wanted.missing).toMatchObject([
    { keyId: stored.id, personName: "Carol", optionsText: 'restrict,from="10.77.0.0/16,127.0.0.1"' },
  ]);
  expect((await host.login("alice", { key })).ok).toBe(false);

  const add = [{ keyId: stored.id, options: wanted.missing[0]?.options }];
  const placing = await act(planKeys, { hostId, account: "alice", path: file, add }, ada, origin);
  const planned = await reached(placing.changeId, "planned");
  expect(planned).toMatchObject({
    kind: "keys",
    account: "alice",
    path: file,
    addedLines: 1,
    removedLines: 0,
  });
  expect(planned.plan?.access).toMatchObject({
    obstacle: null,
    gains: { total: 1, rows: [{ account: "alice", person: "Carol", fingerprint: stored.fingerprint }] },
    loses: { total: 0 },
  });
  // Nothing is there before it was applied, and nothing shows before it was read.
  expect(await host.readBytes(file)).toEqual(original);
  expect((await aliceWhen("nothing shows", () => true)).missing).toHaveLength(1);
  await applied(placing.changeId);
  expect((await host.login("alice", { key })).ok).toBe(true);
  const line = `restrict,from="10.77.0.0/16,127.0.0.1" ${type} ${Buffer.from(blob).toString("base64")} ${carol.login}: Laptop\n`;
  expect(await host.readBytes(file)).toEqual(Buffer.concat([original, Buffer.from(`\n${line}`)]));
  // The kept change itself began the reading that shows it.
  const placed = await aliceWhen("the placed key was read", ({ missing }) => missing.length === 0);
  expect(placed.files[0]?.keys.at(-1)).toMatchObject({
    fingerprint: stored.fingerprint,
    ownerName: "Carol",
    standing: "wanted",
    remark: null,
  });

  await act(revokeGrant, { grantId }, ada, origin);
  const unwanted = await aliceWhen("it is unwanted", () => true);
  expect(unwanted.files[0]?.keys.at(-1)).toMatchObject({ standing: "unwanted" });
  const remove = [lineOf(unwanted, stored.fingerprint)];
  const input = { hostId, account: "alice", path: file, remove };
  const removing = await act(planKeys, input, ada, origin);
  const plan = await applied(removing.changeId);
  expect(plan.plan?.access?.loses).toMatchObject({ total: 1, rows: [{ person: "Carol" }] });
  expect((await host.login("alice", { key })).ok).toBe(false);
  expect((await host.login("alice")).ok).toBe(true);
  // All that is left is the line end that the former last line was given.
  expect(await host.readBytes(file)).toEqual(Buffer.concat([original, Buffer.from("\n")]));
});

test("a kept change is put back by another: byte for byte, and beside what was edited since", async () => {
  const original = await host.readBytes(file);
  const { key, person, stored } = await personWithKey("Dora");
  await act(createGrant, { personId: person.personId, hostId, account: "alice" }, ada, origin);
  const opens = async () => (await host.login("alice", { key })).ok;
  const add = [{ keyId: stored.id, options: {} }];
  const placing = await act(planKeys, { hostId, account: "alice", path: file, add }, ada, origin);
  await applied(placing.changeId);
  const after = await host.readBytes(file);
  expect(await opens()).toBe(true);

  const back = await act(putBackKeys, { changeId: placing.changeId }, ada, origin);
  const planned = await reached(back.changeId, "planned");
  expect(planned.plan?.access?.loses).toMatchObject({ total: 1, rows: [{ person: "Dora" }] });
  expect(await opens(), "only planned").toBe(true);
  await applied(back.changeId);
  expect(await opens()).toBe(false);
  expect(await host.readBytes(file)).toEqual(original);

  // Somebody writes into the file: her key comes back beside it.
  await host.exec(`printf '# since then\\351\\n' >>${file}`);
  const edited = await host.readBytes(file);
  const again = await act(putBackKeys, { changeId: back.changeId }, ada, origin);
  await applied(again.changeId);
  expect(await opens()).toBe(true);
  expect(await host.readBytes(file)).toEqual(Buffer.concat([edited, after.subarray(original.length)]));
  expect((await host.login("alice")).ok, "her own key").toBe(true);
});

test("modes for which sshd passes over a key file are mended by a plan", async () => {
  const safe = (await host.exec("stat -c %a /home/alice")).stdout.trim();
  await host.exec(`chmod 777 /home/alice/.ssh; chmod 664 ${file}`);
  expect((await host.login("alice")).ok).toBe(false);
  const input = { hostId, account: "alice", path: file, repairModes: true };
  const { changeId } = await act(planKeys, input, ada, origin);
  const planned = await applied(changeId);
  expect(planned).toMatchObject({
    baseContent: `0${safe} /home/alice\n0777 /home/alice/.ssh\n0664 ${file}\n`,
    content: `0${safe} /home/alice\n0700 /home/alice/.ssh\n0600 ${file}\n`,
  });
  const modes = await host.exec(`stat -c %a /home/alice /home/alice/.ssh ${file}`);
  expect(modes.stdout).toBe(`${safe}\n700\n600\n`);
  expect((await host.login("alice")).ok).toBe(true);
  const again = await act(planKeys, input, ada, origin);
  expect((await reached(again.changeId, "refused")).outcome).toContain("safe already");
});

test("keys come to a directory of root's by a plan, and the accounts' own files stay as they are", async () => {
  const [main, own, rooted] = [
    "/etc/ssh/sshd_config",
    "/home/bob/.ssh/authorized_keys",
    "/etc/ssh/authorized_keys.d/bob",
  ];
  const before = await host.readBytes(own);
  const { changeId } = await act(planRootFiles, { hostId }, ada, origin);
  const planned = await reached(changeId, "planned");
  expect(planned.plan).toMatchObject({
    management: { getsIn: true },
    effective: [
      {
        keyword: "authorizedkeysfile",
        after: ["/etc/ssh/authorized_keys.d/%u .ssh/authorized_keys .ssh/authorized_keys2"],
      },
    ],
    access: { loses: { total: 0 }, shutOut: { total: 0 } },
  });
  await act(applyChange, { changeId, keepBy: "person" }, ada, origin);
  await reached(changeId, "awaiting_person");
  expect((await host.login("bob")).ok, "by his own file").toBe(true);
  await act(keepChange, { changeId }, ada, origin);
  await reached(changeId, "confirmed");
  await expect(act(planRootFiles, { hostId }, ada, origin)).rejects.toMatchObject({ code: "conflict" });
  expect(await host.read(main)).toContain(
    "AuthorizedKeysFile /etc/ssh/authorized_keys.d/%u .ssh/authorized_keys",
  );

  const { key, person, stored } = await personWithKey("Rob");
  await act(createGrant, { personId: person.personId, hostId, account: "bob" }, ada, origin);
  await act(readAccess, { hostId }, ada, origin);
  await until(
    "sshd is seen to look there",
    async () => (await read(getHostKeys, { hostId }, ada, origin)).rootFiles === "all",
  );
  const { batchId } = await act(
    planWanted,
    { kind: "place", hostIds: [hostId], account: "bob" },
    ada,
    origin,
  );
  const { confirmation } = await until("it is planned", async () => {
    const view = await read(getBatch, { batchId }, ada, origin);
    return view.rows[0]?.state === "planned" && view;
  });
  await act(confirmBatch, { batchId, seen: confirmation?.seen }, ada, origin);
  await until("it is done", async () => (await read(getBatch, { batchId }, ada, origin)).done === 1);
  expect((await host.login("bob", { key })).ok).toBe(true);
  expect(await host.read(rooted)).toContain(Buffer.from(stored.blob).toString("base64"));
  expect((await host.exec(`stat -c '%U %a' /etc/ssh/authorized_keys.d ${rooted}`)).stdout).toBe(
    "root 755\nroot 644\n",
  );
  expect(await host.readBytes(own)).toEqual(before);
});

test("what the host refuses, and what changed since the plan, is not done", async () => {
  const mallory = await addActor(db, "operator", "Mallory");
  const own = await db.host.findUniqueOrThrow({ where: { id: hostId } });
  const management = fingerprint(
    (parsePublicKey(own.managementPublicKey ?? "") ?? expect.fail("no management key")).blob,
  );
  await expect(
    act(
      planKeys,
      {
        hostId,
        account: "alice",
        path: file,
        remove: [{ fingerprint: management, seen: { line: 1, sha256: "0".repeat(64) } }],
      },
      mallory,
      origin,
    ),
  ).rejects.toThrow("Gatehouse itself");

  const [line = ""] = (await host.read(file)).split("\n");
  const there = fingerprint((parsePublicKey(line) ?? expect.fail(`no key: ${line}`)).blob);
  const input = {
    hostId,
    account: "alice",
    path: file,
    // Of the reading that shows the mended modes: by an older one nobody would lose anything.
    remove: [
      lineOf(
        await aliceWhen(
          "her file counts",
          ({ files }) => files.find(({ path }) => path === file)?.refused === null,
        ),
        there,
      ),
    ],
  };
  const stale = await act(planKeys, input, ada, origin);
  const planned = await reached(stale.changeId, "planned");
  expect(planned.plan?.access?.loses.total).toBeGreaterThan(0);
  await host.exec(`printf '# her own edit\\n' >>${file}`);
  const edited = await host.readBytes(file);
  await act(
    applyChange,
    { changeId: stale.changeId, keepBy: "login", override: { hostName: own.name } },
    ada,
    origin,
  );
  expect((await reached(stale.changeId, "refused")).outcome).toContain("somebody edited it since");
  expect(await host.readBytes(file)).toEqual(edited);

  await host.exec("mv /home/alice/.ssh /home/alice/own && ln -s /root /home/alice/.ssh");
  const trapped = await act(planKeys, input, ada, origin);
  expect((await reached(trapped.changeId, "refused")).outcome).toContain("symbolic link");
});
