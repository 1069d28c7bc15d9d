import { beforeAll, expect, test } from "vitest";
import { hostWith } from "@/lib/access/testing/host";
import { packFacts } from "@/lib/features/access/stored-facts";
import { applyChange, keepChange, planChange } from "@/lib/features/changes/commands";
import { getChange } from "@/lib/features/changes/queries";
import { writePlan } from "@/lib/features/changes/stored";
import { getEnforcement } from "@/lib/features/changes/two-factor-queries";
import type { ChangePlanView } from "@/lib/features/changes/views";
import { listReadiness } from "@/lib/features/readiness/queries";
import { findBuild } from "@/lib/sshd-config/build";
import { addActor, addHost, agentFile, answerWith, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { key, pamWith } from "@/lib/testing/two-factor-world";
import { addTwoFactor } from "@/lib/two-factor/sshd-step";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
let ada: Actor;
let olga: Actor;
beforeAll(async () => {
  ada = await addActor(db, "admin", "Ada");
  olga = await addActor(db, "operator", "Olga");
});

const main = "/etc/ssh/sshd_config";
const plain = "UsePAM yes\nKbdInteractiveAuthentication no\nX11Forwarding no\n";
const recipe = { keyOnlyAccounts: [], keyOnlyGroups: [], securityKeyGroups: [] };
const { build } = findBuild("OpenSSH_9.2p1");
const asking = addTwoFactor(plain, recipe, build).text ?? "";
const excepting = asking.replace("Match User gatehouse\n", "Match User gatehouse,alice\n");

/** A host that was read, on which "required" was kept. */
async function hostThatRequires(): Promise<string> {
  const hostId = await addHost(db);
  await answerWith(db, hostId, [agentFile(main, asking)]);
  const facts = hostWith({
    config: asking,
    accounts: [{ name: "alice", keys: key("alice"), password: "locked" }],
    files: { "/etc/pam.d/sshd": { kind: "file", uid: 0, gid: 0, mode: 0o644, text: pamWith("required") } },
  });
  const readAt = new Date();
  const data = { facts: packFacts(facts), readAt, modelVersion: 1 };
  await db.accessReading.upsert({ where: { hostId }, create: { hostId, ...data }, update: data });
  const request = { step: "required", exceptions: [], keyOnlyGroups: [], securityKeyGroups: [] };
  await db.change.create({
    data: {
      ...{ hostRef: hostId.replaceAll("-", "").slice(0, 20), hostId, kind: "two-factor", twoFactor: request },
      ...{ path: main, fileSha256Id: "", baseSha256: "absent", baseContent: plain, content: asking },
      ...{ newSha256: "", state: "confirmed", authorId: ada.personId, message: "", keepBy: "person" },
      ...{ deadlineSeconds: 600, endedAt: new Date(Date.now() - 60_000) },
    },
  });
  return hostId;
}

async function planned(hostId: string, content: string): Promise<string> {
  const { id: fileId, sha256 } = await db.configFile.findFirstOrThrow({ where: { hostId } });
  const { changeId } = await act(planChange, { fileId, baseSha256: sha256, content }, olga, origin);
  const plan: ChangePlanView = {
    ...{ test: { code: 0, lines: [] }, effective: [], touches: [], needsPerson: false },
    ...{ management: { getsIn: true, reasons: [], doubts: [] }, needsExecutePermission: false },
    ...{ access: null, rules: null, twoFactor: null, readAt: new Date().toISOString() },
  };
  await db.change.update({ where: { id: changeId }, data: { state: "planned", plan: writePlan(plan) } });
  return changeId;
}

const apply = (changeId: string, actor: Actor) =>
  act(applyChange, { changeId, keepBy: "person" }, actor, origin);
const view = (changeId: string, actor: Actor) => read(getChange, { changeId }, actor, origin);

test.each([
  ["excepts an account", excepting],
  ["excepts one in a block of its own", `${asking}Match User alice\n\tAuthenticationMethods publickey\n`],
  ["excepts by a file that is included", `Include /etc/ssh/other.conf\n${asking}`],
  ["lets security keys in untouched", `${asking}Match User alice\n\tPubkeyAuthOptions none\n`],
])("a change of sshd_config that %s is an enforcer's", async (_, content) => {
  const id = await planned(await hostThatRequires(), content);
  expect((await view(id, olga)).canApply).toBe(false);
  await expect(apply(id, olga)).rejects.toMatchObject({
    code: "forbidden",
    message: expect.stringContaining("second factor"),
  });
  expect((await view(id, ada)).canApply).toBe(true);
  await apply(id, ada);
  await db.change.update({ where: { id }, data: { state: "awaiting_person" } });
  expect(await view(id, olga)).toMatchObject({ canKeep: false, canRollBack: true });
  await expect(act(keepChange, { changeId: id }, olga, origin)).rejects.toMatchObject({ code: "forbidden" });
  await act(keepChange, { changeId: id }, ada, origin);
});

test("what settles nothing of it is an operator's as before", async () => {
  const id = await planned(await hostThatRequires(), asking.replace("X11Forwarding no", "X11Forwarding yes"));
  expect((await view(id, olga)).canApply).toBe(true);
  await apply(id, olga);
});

test("nobody takes our lines out while PAM asks for the code alone: six digits would do", async () => {
  const id = await planned(await hostThatRequires(), plain);
  await expect(apply(id, olga)).rejects.toMatchObject({ code: "forbidden" });
  await expect(apply(id, ada)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringMatching(/A code alone would let alice in, without a key.*turn it off/),
  });
});

test("where our lines are gone from sshd_config the pages say so, and not “required”", async () => {
  const hostId = await hostThatRequires();
  await db.hostCodeReading.create({
    data: {
      hostId,
      readAt: new Date(),
      codes: {
        ...{ pattern: "/x", readAs: "root", isInForce: true, isOptional: false, reason: "" },
        ...{ moduleVersion: "1", hasModule: true, isCut: false, files: [] },
      },
    },
  });
  const { name } = await db.host.findUniqueOrThrow({ where: { id: hostId } });
  const told = async () => {
    const { step, isUndone, since } = await read(getEnforcement, { hostId }, ada, origin);
    const fleet = await read(listReadiness, { q: name }, ada, origin);
    return { step, isUndone, by: since?.by, fleet: fleet.counts.required };
  };
  expect(await told()).toEqual({ step: "required", isUndone: false, by: "Ada", fleet: 1 });
  await answerWith(db, hostId, [agentFile(main, plain)]);
  expect(await told()).toEqual({ step: "required", isUndone: true, by: undefined, fleet: 0 });
});
