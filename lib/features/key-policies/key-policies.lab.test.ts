import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, type LabHost, openLab } from "@/e2e/lab/lab";
import { type ChangeState, isEnded } from "@/lib/change/machine";
import { stripMarker } from "@/lib/change/marker";
import { readAccess } from "@/lib/features/access/commands";
import { applyChange, keepChange } from "@/lib/features/changes/commands";
import { getChange } from "@/lib/features/changes/queries";
import type { ChangeView } from "@/lib/features/changes/views";
import { createKeyPolicy, planKeyPolicy, removeKeyPolicy } from "@/lib/features/key-policies/commands";
import { getHostKeyPolicy } from "@/lib/features/key-policies/queries";
import type { HostPolicyView } from "@/lib/features/key-policies/views";
import { addActor, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { enrolLabHost } from "@/lib/testing/enrolled-host";
import { SoftSecurityKey } from "@/lib/testing/security-key";
import { startSecurityKeyAgent } from "@/lib/testing/security-key-agent";
import { WorkerProcess } from "@/lib/testing/worker-process";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-policies-"));
const main = "/etc/ssh/sshd_config";
/** What a security key says of a signature. */
const flags = { none: 0, touched: 1, verified: 4, both: 5 };
const key = SoftSecurityKey.generate("ecdsa", "ssh:");
const keyFile = path.join(folder, "key.pub");
let lab: Lab;
let worker: WorkerProcess;
let ada: Actor;
let host: LabHost;
let hostId: string;

beforeAll(async () => {
  [lab, worker, ada] = await Promise.all([openLab(), WorkerProcess.start(), addActor(db, "admin", "Ada")]);
  host = await lab.start("bookworm");
  writeFileSync(keyFile, `${key.line}\n`);
  // By the line alone she need not even touch: whatever is refused below is refused by the policy.
  await host.exec("cat >>/home/alice/.ssh/authorized_keys", { input: `no-touch-required ${key.line}\n` });
  hostId = await enrolLabHost(db, host);
  await act(readAccess, { hostId }, ada, origin);
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

function reached(changeId: string, state: ChangeState): Promise<ChangeView> {
  return until(`the change is ${state}`, async () => {
    const change = await read(getChange, { changeId }, ada, origin);
    if (isEnded(change.state) && change.state !== state)
      throw new Error(`it ended ${change.state}: ${change.outcome}`);
    return change.state === state && change;
  });
}

function policyIs(state: HostPolicyView["state"]): Promise<HostPolicyView> {
  return until(`the policy is ${state}`, async () => {
    const view = await read(getHostKeyPolicy, { hostId }, ada, origin);
    return view.state === state && view;
  });
}

/** Does alice's account open to her security key, with these flags of its signature? */
async function opens(given: number): Promise<boolean> {
  const agent = await startSecurityKeyAgent(key, given);
  try {
    return (await host.login("alice", { key: keyFile, agent: agent.socket })).ok;
  } finally {
    await agent.close();
  }
}

async function openingFlags(): Promise<string[]> {
  const tried = await Promise.all(
    Object.entries(flags).map(async ([name, given]) => ((await opens(given)) ? [name] : [])),
  );
  return tried.flat();
}

/** Plans what is wanted, and keeps it as a person who has tried his own login. */
async function bringAbout(override = false): Promise<ChangeView> {
  const { changes } = await act(planKeyPolicy, { hostIds: [hostId] }, ada, origin);
  const changeId = changes[0]?.changeId ?? expect.fail("nothing was planned");
  const planned = await reached(changeId, "planned");
  expect(planned.planError).toBeNull();
  const confirmation = { keepBy: "person", ...(override && { override: { hostName: host.name } }) };
  await act(applyChange, { changeId, ...confirmation }, ada, origin);
  await reached(changeId, "awaiting_person");
  return planned;
}

async function keep({ id }: ChangeView): Promise<void> {
  await act(keepChange, { changeId: id }, ada, origin);
  await reached(id, "confirmed");
}

let original: Buffer;
let policyId: string;

test("touch, PIN and security keys only are demanded by the host itself, of everybody but who is excepted", async () => {
  await until("the host was read", () =>
    db.accessReading.findFirst({ where: { hostId, readAt: { not: null } } }),
  );
  original = await host.readBytes(main);
  expect(await openingFlags()).toEqual(["none", "touched", "verified", "both"]);
  expect((await host.login("alice")).ok, "a key in a file").toBe(true);

  const demands = ["touch", "verify", "security-keys-only"];
  const policy = { hostId, demands, exceptAccounts: ["bob"] };
  ({ policyId } = await act(createKeyPolicy, policy, ada, origin));
  await policyIs("unmet");
  const planned = await bringAbout(true);
  expect(planned.plan?.management.getsIn).toBe(true);
  const losing = planned.plan?.access?.loses.rows.map(({ account }) => account);
  expect(losing).toContain("alice");
  expect(losing).not.toContain("bob");
  expect(await openingFlags()).toEqual(["both"]);
  expect((await host.login("alice")).ok, "a key in a file").toBe(false);
  expect((await host.login("bob")).ok, "a robot").toBe(true);
  await keep(planned);
  expect(await policyIs("met")).toMatchObject({ offences: [], isBlockOld: false });
});

test("a policy that is removed goes on until a change takes it out, which leaves every byte as it was", async () => {
  await act(removeKeyPolicy, { policyId }, ada, origin);
  await policyIs("unwanted");
  expect(await openingFlags()).toEqual(["both"]);
  await keep(await bringAbout());
  expect(await openingFlags()).toEqual(["none", "touched", "verified", "both"]);
  expect((await host.login("alice")).ok).toBe(true);
  await policyIs("none");
  expect(stripMarker(await host.read(main))).toBe(original.toString());
});
