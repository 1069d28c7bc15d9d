import { beforeAll, expect, test } from "vitest";
import { hasKeyPolicy } from "@/lib/access/key-policy-block";
import { hostWith } from "@/lib/access/testing/host";
import { packFacts } from "@/lib/features/access/stored-facts";
import { planChange } from "@/lib/features/changes/commands";
import { writePlan } from "@/lib/features/changes/stored";
import type { ChangePlanView } from "@/lib/features/changes/views";
import { editHost } from "@/lib/features/hosts/commands";
import {
  changeKeyPolicy,
  createKeyPolicy,
  planKeyPolicy,
  removeKeyPolicy,
} from "@/lib/features/key-policies/commands";
import { getHostKeyPolicy, getKeyPolicy, listKeyPolicies } from "@/lib/features/key-policies/queries";
import { applyKeyPolicy, keepKeyPolicy } from "@/lib/features/key-policies/together-commands";
import { addActor, addHost, agentFile, answerWith, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
const none = { total: 0, rows: [] };
/** What a host answers when it was asked. */
const planShuttingOut = (accounts: string[]): ChangePlanView => ({
  test: { code: 0, lines: [] },
  effective: [],
  management: { getsIn: true, reasons: [], doubts: [] },
  touches: [{ keyword: "pubkeyauthoptions", risk: "access" }],
  needsPerson: true,
  needsExecutePermission: false,
  access: {
    obstacle: null,
    readAt: "2026-01-01T00:00:00.000Z",
    isStale: false,
    isCertain: true,
    gains: none,
    loses: none,
    weakened: none,
    strengthened: none,
    moved: none,
    shutOut: { total: accounts.length, accounts },
    doubtful: { total: 0, accounts: [] },
  },
  rules: [],
  twoFactor: null,
  readAt: "2026-01-01T00:00:00.000Z",
});
const path = "/etc/ssh/sshd_config";
const base = "UsePAM yes\n";
let admin: Actor;
let operator: Actor;
let auditor: Actor;
beforeAll(async () => {
  admin = await addActor(db, "admin", "Ada");
  operator = await addActor(db, "operator", "Otto");
  auditor = await addActor(db, "auditor", "Audrey");
});

/** A host that was read, with this configuration. */
async function hostReading(config: string, tags: string[] = [], isJudged = true): Promise<string> {
  const hostId = await addHost(db);
  await db.host.update({ where: { id: hostId }, data: { tags } });
  await answerWith(db, hostId, [agentFile(path, config)]);
  const facts = hostWith({ config, accounts: [{ name: "root" }, { name: "alice" }, { name: "ci" }] });
  if (isJudged)
    await db.accessReading.create({ data: { hostId, facts: packFacts(facts), readAt: new Date() } });
  return hostId;
}

const stateOf = (hostId: string, actor = auditor) => read(getHostKeyPolicy, { hostId }, actor, origin);
const create = (input: object, actor = admin) => act(createKeyPolicy, input, actor, origin);
const plan = (hostIds: string[], actor = operator) => act(planKeyPolicy, { hostIds }, actor, origin);
const changeBy = async (hostId: string) => {
  const { changes } = await plan([hostId]);
  return db.change.findUniqueOrThrow({ where: { id: changes[0]?.changeId ?? "" } });
};

test("what a tag demands is wanted, planned as an ordinary change, seen when it was read, and taken out again", async () => {
  const hostId = await hostReading(base, ["pci"]);
  expect(await stateOf(hostId)).toMatchObject({ state: "none", wanted: null, canPlan: false });
  await expect(plan([hostId])).rejects.toMatchObject({ code: "conflict" });

  const { policyId } = await create({
    tag: "pci",
    demands: ["touch", "security-keys-only"],
    exceptAccounts: ["ci"],
  });
  expect(await stateOf(hostId, operator)).toMatchObject({
    state: "unmet",
    wanted: "security keys only, a touch; of ci: nothing",
    canPlan: true,
    offences: [{ accounts: ["root", "alice"], total: 2, isOthersToo: true, source: null }],
  });
  expect((await stateOf(hostId)).canPlan, "an auditor reads only").toBe(false);

  const change = await changeBy(hostId);
  expect(change).toMatchObject({ kind: "config", path, state: "planning", baseContent: base });
  expect(change.content).toContain("Match User *,!gatehouse,!ci\n\tPubkeyAcceptedAlgorithms sk-");
  expect((await changeBy(hostId)).id, "the same plan is not made twice").toBe(change.id);
  expect(await stateOf(hostId), "a plan is not yet so").toMatchObject({
    state: "unmet",
    change: { id: change.id },
  });

  // The host was changed, and read again.
  await db.change.update({ where: { id: change.id }, data: { state: "confirmed" } });
  await answerWith(db, hostId, [agentFile(path, change.content)]);
  expect(await stateOf(hostId, operator)).toMatchObject({ state: "met", offences: [], canPlan: false });
  await expect(plan([hostId])).rejects.toMatchObject({ message: expect.stringContaining("already") });
  const detail = await read(getKeyPolicy, { policyId }, auditor, origin);
  expect(detail).toMatchObject({ hosts: 1, total: 1, rows: [{ hostId, state: "met" }] });

  // Somebody edits a line of his own in: it is named, and nothing of ours can be written against it.
  const edited = change.content.replace(base, `${base}Match User alice\n\tPubkeyAuthOptions none\n`);
  await answerWith(db, hostId, [agentFile(path, edited)]);
  expect(await stateOf(hostId, operator)).toMatchObject({
    state: "unmet",
    offences: [{ accounts: ["alice"], isOthersToo: false, lacks: ["touch"], source: `${path}:3` }],
    canPlan: false,
  });
  await expect(plan([hostId])).rejects.toMatchObject({ message: expect.stringContaining(`${path}:3`) });
  await answerWith(db, hostId, [agentFile(path, change.content)]);

  // Less is wanted: it is planned anew. Nothing is wanted: it is planned to go, byte for byte.
  const less = { demands: ["touch"], exceptAccounts: ["ci"] };
  await act(changeKeyPolicy, { policyId, version: 1, ...less }, admin, origin);
  expect(await stateOf(hostId, operator)).toMatchObject({ state: "met", isBlockOld: true, canPlan: true });
  await act(removeKeyPolicy, { policyId }, admin, origin);
  expect(await stateOf(hostId, operator)).toMatchObject({ state: "unwanted", wanted: null, canPlan: true });
  const { leftovers } = await read(listKeyPolicies, {}, auditor, origin);
  expect(leftovers.map((host) => host.hostId)).toContain(hostId);
  const back = await changeBy(hostId);
  expect(hasKeyPolicy(back.content)).toBe(false);
  expect(back.content).toBe(base);
});

test("policies of a host and of its tags add up", async () => {
  const hostId = await hostReading(base, ["mixed"]);
  await create({ tag: "mixed", demands: ["touch"], exceptAccounts: ["ci"] });
  await create({ hostId, demands: ["verify"] });
  expect((await stateOf(hostId)).wanted).toBe("a touch, PIN or fingerprint; of ci: PIN or fingerprint");
});

test("one policy a tag; who edits an older version is told; only owners and admins write", async () => {
  const policy = { tag: "one", demands: ["verify"] };
  await expect(create(policy, operator)).rejects.toMatchObject({ code: "forbidden" });
  const { policyId } = await create(policy);
  await expect(create(policy)).rejects.toMatchObject({ code: "conflict" });
  const edit = (version: number, actor = admin) =>
    act(changeKeyPolicy, { policyId, version, demands: ["touch"] }, actor, origin);
  await expect(edit(1, operator)).rejects.toMatchObject({ code: "forbidden" });
  await edit(1);
  await expect(edit(1)).rejects.toMatchObject({ code: "conflict" });
  await expect(act(removeKeyPolicy, { policyId }, operator, origin)).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(plan([], auditor)).rejects.toMatchObject({ code: "forbidden" });
  for (const input of [
    { tag: "x", demands: [] },
    { demands: ["touch"] },
    { tag: "x", hostId: policyId, demands: ["touch"] },
    { tag: "x", demands: ["touch"], exceptAccounts: ["a*"] },
    { tag: "x", demands: ["touch"], exceptAccounts: ["a\nPermitRootLogin yes"] },
  ])
    await expect(create(input), JSON.stringify(input)).rejects.toMatchObject({ code: "invalid" });
  const rows = await db.activity.findMany({ where: { targetId: policyId, outcome: "done" } });
  expect(rows.map(({ action }) => action)).toEqual(["key-policy.create", "key-policy.change"]);
});

test("of several hosts what cannot be planned is told beside what was", async () => {
  const good = await hostReading(base, ["fleet"]);
  const unread = await hostReading(base, ["fleet"], false);
  await create({ tag: "fleet", demands: ["touch"] });
  expect(await stateOf(unread, operator)).toMatchObject({ state: "unknown", canPlan: false });
  await expect(plan([unread])).rejects.toMatchObject({ code: "unavailable" });
  const { changes, refused } = await plan([good, unread]);
  expect(changes).toMatchObject([{ hostId: good }]);
  expect(refused).toMatchObject([{ reason: expect.stringContaining("not read yet") }]);
});

test("planned changes of a tag are applied by one act, but those that need a look; and kept by another", async () => {
  const tags = ["together"];
  const hosts = [await hostReading(base, tags), await hostReading(base, tags), await hostReading(base, tags)];
  const { policyId } = await create({ tag: "together", demands: ["verify"] });
  const { changes } = await plan(hosts);
  const ids = changes.map(({ changeId }) => changeId);
  const answer = (id: string | undefined, shutOut: string[] = []) =>
    db.change.update({
      where: { id: id ?? "" },
      data: { state: "planned", plan: writePlan(planShuttingOut(shutOut)) },
    });
  await Promise.all([answer(ids[0]), answer(ids[1]), answer(ids[2], ["alice"])]);
  const detail = () => read(getKeyPolicy, { policyId }, operator, origin);
  const stepsOf = async () => (await detail()).rows.map(({ together }) => together?.step ?? null).sort();
  expect(await stepsOf()).toEqual(["alone", "apply", "apply"]);
  const { seen, rows } = await detail();
  const ready = rows.flatMap(({ together }) => (together?.step === "apply" ? [together.changeId] : []));
  const apply = (input: object, actor = operator) =>
    act(applyKeyPolicy, { policyId, changeIds: ready, seen, ...input }, actor, origin);
  await expect(apply({}, auditor)).rejects.toMatchObject({ code: "forbidden" });
  await expect(apply({}, { ...operator, steppedUpAt: null })).rejects.toMatchObject({
    code: "step_up_required",
  });
  await expect(apply({ seen: "0".repeat(64) })).rejects.toMatchObject({ code: "conflict" });
  await expect(apply({ changeIds: ids }), "one more than was seen").rejects.toMatchObject({
    code: "conflict",
  });

  // One is planned anew after it was seen: nothing is applied.
  await answer(ready[0], ["alice"]);
  await expect(apply({})).rejects.toThrow(/moved on since you looked/);
  await answer(ready[0]);
  // A change of another kind on such a host does not come in by this door.
  const other = await db.configFile.findFirstOrThrow({ where: { hostId: hosts[0] ?? "" } });
  const stranger = await act(
    planChange,
    { fileId: other.id, baseSha256: other.sha256, content: "UsePAM no\n" },
    operator,
    origin,
  );
  await expect(apply({ changeIds: [...ready, stranger.changeId] })).rejects.toMatchObject({
    code: "conflict",
  });
  await db.change.update({ where: { id: stranger.changeId }, data: { state: "discarded" } });

  expect((await apply({})).changes.toSorted()).toEqual(ready.toSorted());
  const applied = await db.change.findMany({ where: { id: { in: ready } } });
  expect(applied.map(({ state, keepBy }) => [state, keepBy])).toEqual([
    ["applying", "person"],
    ["applying", "person"],
  ]);
  expect(await stepsOf()).toEqual(["alone", null, null].sort());
  await expect(apply({})).rejects.toMatchObject({ code: "conflict" });
  const rowsOf = (action: string) => db.activity.findMany({ where: { action, targetId: { in: ready } } });
  expect((await rowsOf("change.apply")).map(({ outcome }) => outcome)).toEqual(["intent", "intent"]);

  const keep = (changeIds: string[], actor = operator) =>
    act(keepKeyPolicy, { policyId, changeIds }, actor, origin);
  await expect(keep(ready)).rejects.toMatchObject({ code: "conflict" });
  await db.change.update({ where: { id: ready[0] ?? "" }, data: { state: "awaiting_person" } });
  await expect(keep(ready, auditor)).rejects.toMatchObject({ code: "forbidden" });
  // The other has not been proved yet: it is left alone.
  expect(await keep(ready)).toEqual({ changes: [ready[0]], refused: [] });
  expect(await rowsOf("change.keep")).toMatchObject([{ outcome: "done", targetId: ready[0] }]);
});

test("who may not write policies does not take a host out of one's reach", async () => {
  const hostId = await hostReading(base, ["kept", "other"]);
  await create({ tag: "kept", demands: ["touch"] });
  const tagsTo = (tags: string[], actor = operator) => act(editHost, { hostId, tags }, actor, origin);
  await expect(tagsTo(["other"])).rejects.toMatchObject({ code: "forbidden" });
  await tagsTo(["kept"]);
  await tagsTo([], admin);
});
