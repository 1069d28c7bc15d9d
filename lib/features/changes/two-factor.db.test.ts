import { beforeAll, describe, expect, test } from "vitest";
import type { ChangeState } from "@/lib/change/machine";
import { now } from "@/lib/clock";
import { applyChange, keepChange, rollBackChange } from "@/lib/features/changes/commands";
import { getChange } from "@/lib/features/changes/queries";
import { writePlan } from "@/lib/features/changes/stored";
import { planTwoFactor } from "@/lib/features/changes/two-factor-commands";
import { getEnforcement } from "@/lib/features/changes/two-factor-queries";
import type { ChangePlanView, TwoFactorPlanView } from "@/lib/features/changes/views";
import { can, roles } from "@/lib/policy/permissions";
import { addActor, addHost, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { addFleet } from "@/lib/testing/fleet";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
let ada: Actor;
let olga: Actor;

beforeAll(async () => {
  ada = await addActor(db, "admin", "Ada");
  olga = await addActor(db, "operator", "Olga");
});

const byLogin: TwoFactorPlanView = {
  from: "off",
  step: "optional",
  problems: [],
  accounts: { total: 0, rows: [] },
  proof: { kind: "login", accounts: ["alice"] },
};

/** What the worker writes once the host was read. */
async function planned(
  hostId: string,
  twoFactor: Partial<TwoFactorPlanView> = {},
  more: Partial<ChangePlanView> = {},
): Promise<string> {
  const { changeId } = await act(planTwoFactor, { hostId, step: "optional" }, ada, origin);
  const plan: ChangePlanView = {
    test: { code: 0, lines: [] },
    effective: [],
    management: { getsIn: true, reasons: [], doubts: [] },
    touches: [],
    needsPerson: true,
    needsExecutePermission: false,
    access: null,
    rules: [],
    twoFactor: { ...byLogin, ...twoFactor },
    readAt: now().toISOString(),
    ...more,
  };
  await db.change.update({ where: { id: changeId }, data: { state: "planned", plan: writePlan(plan) } });
  return changeId;
}

const moved = (id: string, state: ChangeState, data: object = {}) =>
  db.change.update({ where: { id }, data: { state, ...data } });
const view = (changeId: string, actor = ada) => read(getChange, { changeId }, actor, origin);
const apply = (changeId: string, actor = ada, more: object = {}) =>
  act(applyChange, { changeId, keepBy: "person", ...more }, actor, origin);

test.each(roles)("%s plans a second factor when he may enforce one", async (role) => {
  const hostId = await addHost(db);
  const actor = await addActor(db, role, "Some");
  const outcome = await act(planTwoFactor, { hostId, step: "optional" }, actor, origin).then(
    () => true,
    (error) => error.code !== "forbidden",
  );
  expect(outcome).toBe(can(role, "two-factor:enforce"));
});

test("an operator neither applies nor keeps it, and may roll it back", async () => {
  const id = await planned(await addHost(db));
  expect((await view(id, olga)).canApply).toBe(false);
  await expect(apply(id, olga)).rejects.toMatchObject({ code: "forbidden" });
  await apply(id);
  await moved(id, "awaiting_person", {
    witness: { account: "alice", at: "", method: "keyboard-interactive/pam", address: null },
  });
  expect(await view(id, olga)).toMatchObject({ canKeep: false, canRollBack: true });
  await expect(act(keepChange, { changeId: id }, olga, origin)).rejects.toMatchObject({ code: "forbidden" });
  await act(rollBackChange, { changeId: id }, olga, origin);
  expect((await view(id)).state).toBe("rolling_back");
});

describe("nothing that is typed lets a change through that", () => {
  const override = { hostName: "" };
  const tried = async (id: string) => {
    const { hostName, canApply } = await view(id);
    expect(canApply).toBe(false);
    return apply(id, ada, { override: { ...override, hostName } });
  };

  test("shuts an account out", async () => {
    const id = await planned(await addHost(db), {
      problems: [{ account: "bob", text: "bob could not log in any more: it has no secret." }],
    });
    await expect(tried(id)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("bob could not log in"),
    });
  });

  test("shuts Gatehouse out", async () => {
    const id = await planned(
      await addHost(db),
      {},
      { management: { getsIn: false, reasons: ["UsePAM no"], doubts: [] } },
    );
    await expect(tried(id)).rejects.toMatchObject({ code: "conflict", message: /shut Gatehouse out/ });
  });
});

test("a plan of an hour ago is planned again: who has a secret may be others", async () => {
  const readAt = new Date(now().getTime() - 3_600_000).toISOString();
  const id = await planned(await addHost(db), {}, { readAt });
  await expect(apply(id)).rejects.toMatchObject({ code: "conflict", message: /older than 15 minutes/ });
});

test("it waits for a person, never for our own login alone", async () => {
  const id = await planned(await addHost(db));
  await expect(apply(id, ada, { keepBy: "login" })).rejects.toMatchObject({ code: "invalid" });
});

describe("kept", () => {
  test("only after the host has seen somebody come in through key and code", async () => {
    const id = await planned(await addHost(db));
    await apply(id);
    await moved(id, "awaiting_person");
    expect((await view(id)).canKeep).toBe(false);
    await expect(act(keepChange, { changeId: id }, ada, origin)).rejects.toMatchObject({
      code: "conflict",
      message: /alice/,
    });
    const witness = { account: "alice", at: now().toISOString(), method: "keyboard-interactive/pam" };
    await moved(id, "awaiting_person", { witness: { ...witness, address: null } });
    expect(await view(id)).toMatchObject({ canKeep: true, witness });
    await act(keepChange, { changeId: id }, ada, origin);
    expect((await view(id)).state).toBe("confirming");
  });

  test("by the person's word where nobody is asked for a code", async () => {
    const id = await planned(await addHost(db), { proof: { kind: "person", why: "Nobody is asked." } });
    await apply(id);
    await moved(id, "awaiting_person");
    await act(keepChange, { changeId: id }, ada, origin);
    expect((await view(id)).state).toBe("confirming");
  });
});

test("of two people at once one applies, the other is told", async () => {
  const hostId = await addHost(db);
  const [first, second] = [await planned(hostId), await planned(hostId)];
  const results = await Promise.allSettled([apply(first), apply(second)]);
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test.each<[object]>([
  [{ exceptions: [{ account: "alice", reason: "because", byName: "Ada" }] }],
  [{ keyOnlyGroups: ["wheel\nMatch all"] }],
  [{ keyOnlyGroups: ["robots,wheel"] }],
  [{ securityKeyGroups: ["!tokens"] }],
  [{ step: "maybe" }],
])("no request of another shape is planned: %j", async (more) => {
  const input = { hostId: await addHost(db), step: "optional" as const, ...more };
  await expect(act(planTwoFactor, input, ada, origin)).rejects.toMatchObject({ code: "invalid" });
});

test("the host's page shows the step that was kept last, its exceptions, and the plan that waits", async () => {
  const hostId = await addHost(db);
  const get = (actor = ada) => read(getEnforcement, { hostId }, actor, origin);
  expect(await get()).toMatchObject({ step: "off", since: null, open: null, canEnforce: true });
  const exceptions = [{ account: "bob", reason: "Makes the backups.", byName: "Ada" }];
  const { changeId } = await act(planTwoFactor, { hostId, step: "optional" }, ada, origin);
  expect((await get()).open).toMatchObject({ changeId, isPlanned: true });
  const twoFactor = { step: "optional", exceptions, keyOnlyGroups: [], securityKeyGroups: [] };
  await moved(changeId, "confirmed", { endedAt: now(), twoFactor });
  expect(await get(olga)).toMatchObject({
    step: "optional",
    since: { changeId, by: "Ada" },
    recipe: { exceptions, keyOnlyGroups: [], securityKeyGroups: [] },
    open: null,
    canEnforce: false,
  });
});

test("groups are offered of accounts that somebody can log in to, not of those whose last way has gone", async () => {
  const [hostId = ""] = (await addFleet(db, { hosts: 1, accounts: 10 })).hostIds;
  const admins = async () =>
    (await read(getEnforcement, { hostId }, ada, origin)).groups.find(({ name }) => name === "admins")
      ?.members;
  expect(await admins()).toEqual(["user4", "user9"]);
  await db.accessPath.updateMany({ where: { hostId, account: "user4" }, data: { goneAt: now() } });
  expect(await admins()).toEqual(["user9"]);
});
