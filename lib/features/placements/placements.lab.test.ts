import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, type LabHost, openLab } from "@/e2e/lab/lab";
import { type ChangeState, isEnded } from "@/lib/change/machine";
import { readAccess } from "@/lib/features/access/commands";
import { applyChange } from "@/lib/features/changes/commands";
import { planKeys } from "@/lib/features/changes/key-commands";
import { getChange } from "@/lib/features/changes/queries";
import type { ChangeView } from "@/lib/features/changes/views";
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

test("a person's key is wanted, placed, proved by a login, unwanted and gone; every other byte stays", async () => {
  const original = await host.readBytes(file);
  const key = path.join(folder, "key");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "x", "-f", key]);
  const { blob, type } =
    parsePublicKey(readFileSync(`${key}.pub`, "utf8")) ?? expect.fail("ssh-keygen made no key");
  const carol = await addActor(db, "member", "Carol");
  const stored = await db.personKey.create({
    data: {
      personId: carol.personId,
      fingerprint: fingerprint(blob),
      type,
      blob: new Uint8Array(blob),
      bits: 256,
      name: "Laptop",
      origin: "pasted",
      provedAt: new Date(),
    },
  });

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
    remove: [lineOf(await aliceWhen("her key was read", ({ files }) => files.length > 0), there)],
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
