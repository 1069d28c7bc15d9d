import { beforeAll, describe, expect, test } from "vitest";
import { changeStates, isPending } from "@/lib/change/machine";
import { addMarker, stripMarker } from "@/lib/change/marker";
import {
  applyChange,
  discardChange,
  keepChange,
  planChange,
  replanChange,
  restoreVersion,
  rollBackChange,
} from "@/lib/features/changes/commands";
import { moveTo } from "@/lib/features/changes/progress";
import { getChange, listChanges } from "@/lib/features/changes/queries";
import { writePlan } from "@/lib/features/changes/stored";
import type { ChangePlanView, PlanAccessView } from "@/lib/features/changes/views";
import { addActor, addHost, agentFile, answerWith, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
const main = "/etc/ssh/sshd_config";
const base = "UseDNS no\n";
let alice: Actor;
let bob: Actor;
let admin: Actor;

beforeAll(async () => {
  alice = await addActor(db, "operator", "Alice");
  bob = await addActor(db, "operator", "Bob");
  admin = await addActor(db, "admin", "Ada");
});

/** What a host says of a harmless change. */
const harmless: ChangePlanView = {
  test: { code: 0, lines: [] },
  effective: [],
  management: { getsIn: true, reasons: [], doubts: [] },
  touches: [{ keyword: "UseDNS", risk: "log" }],
  needsPerson: false,
  needsExecutePermission: false,
  access: null,
  rules: null,
  twoFactor: null,
  readAt: "2026-01-01T00:00:00.000Z",
};

/** What a plan says of access when these accounts lose every way in. */
function accessWithout(accounts: string[]): PlanAccessView {
  const none = { total: 0, rows: [] };
  return {
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
  };
}

async function hostWithFile(content = base) {
  const hostId = await addHost(db);
  await answerWith(db, hostId, [agentFile(main, content)]);
  const file = await db.configFile.findFirstOrThrow({ where: { hostId } });
  const host = await db.host.findUniqueOrThrow({ where: { id: hostId } });
  return { hostId, hostName: host.name, fileId: file.id, baseSha256: file.sha256 };
}

/** A change that the host was asked about, ready to be applied. */
async function planned(
  host: { fileId: string; baseSha256: string },
  {
    plan = harmless,
    content = "UseDNS yes\n",
    actor = alice,
  }: { plan?: ChangePlanView; content?: string; actor?: Actor } = {},
): Promise<string> {
  const input = { fileId: host.fileId, baseSha256: host.baseSha256, content };
  const { changeId } = await act(planChange, input, actor, origin);
  const change = await db.change.findUniqueOrThrow({ where: { id: changeId } });
  await db.$transaction((tx) =>
    moveTo(tx, change, "planned", { kind: "planned", text: "asked" }, { plan: writePlan(plan) }),
  );
  return changeId;
}

const apply = (changeId: string, actor = alice, more: object = {}) =>
  act(applyChange, { changeId, keepBy: "login", ...more }, actor, origin);
const stateOf = async (id: string) => (await db.change.findUniqueOrThrow({ where: { id } })).state;
const jobsFor = async (name: string, id: string) => {
  const rows = await db.$queryRaw<{ payload: unknown }[]>`
    select j.payload from graphile_worker._private_jobs j
    join graphile_worker._private_tasks t on t.id = j.task_id
    where t.identifier = ${name} and j.payload::text like ${`%${id}%`}`;
  return rows.length;
};

describe("planning", () => {
  test("keeps the text, and asks the worker once", async () => {
    const host = await hostWithFile();
    const content = "UseDNS yes\nMaxAuthTries 3\n";
    const { changeId } = await act(planChange, { ...pick(host), content, message: "why" }, alice, origin);
    const change = await read(getChange, { changeId }, alice, origin);
    expect(change).toMatchObject({
      state: "planning",
      content,
      baseContent: base,
      addedLines: 2,
      removedLines: 1,
    });
    expect(await jobsFor("change.plan", changeId)).toBe(1);
  });

  test("refuses a text that changes nothing, a stale base, and a file that is gone", async () => {
    const host = await hostWithFile();
    await expect(act(planChange, { ...pick(host), content: base }, alice, origin)).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringMatching(/Nothing would change/),
    });
    await answerWith(db, host.hostId, [agentFile(main, "Port 2222\n")]);
    await expect(
      act(planChange, { ...pick(host), content: "UseDNS yes\n" }, alice, origin),
    ).rejects.toMatchObject({ code: "conflict", message: expect.stringMatching(/Your draft is kept/) });
    await answerWith(db, host.hostId, []);
    await expect(
      act(planChange, { ...pick(host), content: "UseDNS yes\n" }, alice, origin),
    ).rejects.toMatchObject({ code: "conflict" });
  });

  test("restoring a version is a change to what that version said", async () => {
    const host = await hostWithFile();
    await answerWith(db, host.hostId, [agentFile(main, "UseDNS yes\n")]);
    const first = await db.configVersion.findFirstOrThrow({ where: { fileId: host.fileId, number: 1 } });
    const { changeId } = await act(restoreVersion, { versionId: first.id }, alice, origin);
    expect(await read(getChange, { changeId }, alice, origin)).toMatchObject({
      baseContent: "UseDNS yes\n",
      content: base,
      message: "Restore version 1",
    });
    const current = await db.configVersion.findFirstOrThrow({ where: { fileId: host.fileId, number: 2 } });
    await expect(act(restoreVersion, { versionId: current.id }, alice, origin)).rejects.toMatchObject({
      code: "invalid",
    });
  });
});

describe("applying", () => {
  test("of many people at once one wins, and the others are told who did", async () => {
    const host = await hostWithFile();
    const ids = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        planned(host, { actor: i % 2 ? alice : bob, content: `Port ${i + 1}\n` }),
      ),
    );
    const results = await Promise.allSettled(ids.map((id, i) => apply(id, i % 2 ? alice : bob)));
    const won = results.filter((result) => result.status === "fulfilled");
    expect(won).toHaveLength(1);
    for (const result of results)
      if (result.status === "rejected")
        expect(result.reason).toMatchObject({
          code: "conflict",
          message: expect.stringMatching(/^A change by (Alice|Bob) to .* is still open/),
        });
    expect(await db.change.count({ where: { hostId: host.hostId, state: "applying" } })).toBe(1);
  });

  test("the database itself holds no second pending change of a host", async () => {
    const host = await hostWithFile();
    const [first, second] = [await planned(host), await planned(host, { content: "Port 1\n" })];
    await db.change.update({ where: { id: first }, data: { state: "applying" } });
    await expect(db.change.update({ where: { id: second }, data: { state: "proving" } })).rejects.toThrow(
      /Unique constraint/,
    );
  });

  test("pressed twice, it is applied once", async () => {
    const host = await hostWithFile();
    const id = await planned(host);
    const results = await Promise.allSettled([apply(id), apply(id), apply(id)]);
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    expect(await jobsFor("change.drive", id)).toBe(1);
  });

  test("an edit seen on the host after the plan refuses it, and says so", async () => {
    const host = await hostWithFile();
    const id = await planned(host);
    await answerWith(db, host.hostId, [agentFile(main, "Port 2222\n")]);
    await expect(apply(id)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/was changed on the host after this plan/),
    });
    expect(await stateOf(id)).toBe("planned");
  });

  test("needs a fresh touch", async () => {
    const id = await planned(await hostWithFile());
    await expect(apply(id, { ...alice, steppedUpAt: null })).rejects.toMatchObject({
      code: "step_up_required",
    });
  });

  test("without a plan, with a plan that sshd refuses, or with a failed one it is refused", async () => {
    const host = await hostWithFile();
    const { changeId } = await act(planChange, { ...pick(host), content: "Port 1\n" }, alice, origin);
    await expect(apply(changeId)).rejects.toMatchObject({ code: "conflict" });
    const lines = [{ text: "line 1: Bad configuration option: x", path: null, line: null }];
    const bad = await planned(host, { plan: { ...harmless, test: { code: 255, lines } } });
    await expect(apply(bad)).rejects.toMatchObject({
      message: expect.stringMatching(/Bad configuration option/),
    });
  });

  test("directives that run code need an owner or admin", async () => {
    const host = await hostWithFile();
    const plan = {
      ...harmless,
      needsExecutePermission: true,
      touches: [{ keyword: "ForceCommand", risk: "execute" as const }],
    };
    const id = await planned(host, { plan });
    await expect(apply(id)).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringMatching(/ForceCommand/),
    });
    await apply(id, admin);
    expect(await stateOf(id)).toBe("applying");
  });

  test("what touches how people log in is kept by a person", async () => {
    const host = await hostWithFile();
    const plan = {
      ...harmless,
      needsPerson: true,
      touches: [{ keyword: "AllowUsers", risk: "access" as const }],
    };
    const id = await planned(host, { plan });
    await expect(apply(id)).rejects.toMatchObject({
      code: "invalid",
      fields: { keepBy: expect.any(String) },
    });
    await apply(id, alice, { keepBy: "person" });
    expect(await db.change.findUnique({ where: { id } })).toMatchObject({
      keepBy: "person",
      deadlineSeconds: 600,
    });
  });

  test("a change that shuts us out needs an admin who types the host's name", async () => {
    const host = await hostWithFile();
    const plan = { ...harmless, management: { getsIn: false, reasons: ["AllowUsers nobody"], doubts: [] } };
    const id = await planned(host, { plan });
    const override = { hostName: host.hostName };
    await expect(apply(id, admin)).rejects.toMatchObject({ code: "conflict" });
    await expect(apply(id, alice, { override })).rejects.toMatchObject({ code: "forbidden" });
    await expect(apply(id, admin, { override: { hostName: "other" } })).rejects.toMatchObject({
      code: "invalid",
    });
    expect(await stateOf(id)).toBe("planned");
    await apply(id, admin, { override });
    expect(await db.change.findUnique({ where: { id } })).toMatchObject({
      overridePrecheck: true,
      state: "applying",
    });
  });

  test("a change that takes an account's last way needs the host's name, from whoever applies it", async () => {
    const host = await hostWithFile();
    const plan = { ...harmless, access: accessWithout(["bob", "carol"]) };
    const id = await planned(host, { plan });
    await expect(apply(id)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/nobody could log in any more as bob, carol/),
      fields: { "override.hostName": expect.any(String) },
    });
    await expect(apply(id, admin, { override: { hostName: "other" } })).rejects.toMatchObject({
      code: "invalid",
    });
    expect(await stateOf(id)).toBe("planned");
    await apply(id, alice, { override: { hostName: host.hostName } });
    // The host's own check of our login stays as strict as it was.
    expect(await db.change.findUnique({ where: { id } })).toMatchObject({
      overridePrecheck: false,
      state: "applying",
    });
    const step = await db.changeStep.findFirst({ where: { changeId: id, kind: "applying" } });
    expect(step?.text).toMatch(/nobody can log in any more as bob, carol/);
    const row = await db.activity.findFirst({ where: { targetId: id, outcome: "intent" } });
    expect(row?.detail).toMatchObject({ shutOut: "bob, carol" });
  });

  test("to lose an account and Gatehouse at once takes an admin", async () => {
    const host = await hostWithFile();
    const management = { getsIn: false, reasons: ["AllowUsers nobody"], doubts: [] };
    const plan = { ...harmless, management, access: accessWithout(["bob"]) };
    const id = await planned(host, { plan });
    const override = { hostName: host.hostName };
    await expect(apply(id, alice, { override })).rejects.toMatchObject({ code: "forbidden" });
    await apply(id, admin, { override });
    expect(await stateOf(id)).toBe("applying");
  });

  test("stale or missing facts never stand in the way", async () => {
    const host = await hostWithFile();
    const obstacle = "Who can log in on this host was not read yet.";
    const unread = { ...accessWithout([]), obstacle, readAt: null, isStale: true };
    await apply(await planned(host, { plan: { ...harmless, access: unread } }));
    const other = await hostWithFile();
    await apply(
      await planned(other, { plan: { ...harmless, access: { ...accessWithout([]), isStale: true } } }),
    );
  });

  test("a plan that an older version of us has made is one without a word on access", async () => {
    const host = await hostWithFile();
    const id = await planned(host);
    const { access: _, ...older } = writePlan(harmless);
    await db.change.update({ where: { id }, data: { plan: older } });
    const view = await read(getChange, { changeId: id }, alice, origin);
    expect(view.plan).toMatchObject({ access: null, readAt: harmless.readAt });
    await apply(id);
  });

  test("the act and its refusal are in the activity", async () => {
    const host = await hostWithFile();
    const id = await planned(host);
    const member = await addActor(db, "member", "Mia");
    await expect(apply(id, member)).rejects.toMatchObject({ code: "forbidden" });
    await apply(id);
    const rows = await db.activity.findMany({
      where: { action: "change.apply" },
      orderBy: { seq: "desc" },
      take: 2,
    });
    expect(rows.map((row) => [row.outcome, row.actorName])).toEqual([
      ["intent", "Alice"],
      ["refused", "Mia"],
    ]);
  });
});

describe("what a person may do later", () => {
  test("each act only in its state, and a conflict tells what the change has become", async () => {
    const acts = { keep: keepChange, rollBack: rollBackChange, discard: discardChange, replan: replanChange };
    const allowed: Record<keyof typeof acts, string[]> = {
      keep: ["awaiting_person"],
      rollBack: ["awaiting_person", "proving"],
      discard: ["planned", "planning"],
      replan: ["planned", "planning"],
    };
    const host = await hostWithFile();
    for (const state of changeStates) {
      for (const [name, command] of Object.entries(acts) as [keyof typeof acts, (typeof acts)["keep"]][]) {
        const id = await planned(host, { content: `Port ${state.length}\n` });
        await db.change.update({ where: { id }, data: { state } });
        const attempt = act(command, { changeId: id }, alice, origin);
        if (allowed[name].includes(state)) await attempt;
        else await expect(attempt, `${name} in ${state}`).rejects.toMatchObject({ code: "conflict" });
        await db.change.delete({ where: { id } });
      }
    }
  });

  test("the page offers exactly that", async () => {
    const host = await hostWithFile();
    const id = await planned(host);
    for (const state of changeStates) {
      await db.change.update({ where: { id }, data: { state } });
      const view = await read(getChange, { changeId: id }, alice, origin);
      expect([view.canApply, view.canKeep, view.canRollBack]).toEqual([
        state === "planned",
        state === "awaiting_person",
        state === "awaiting_person" || state === "proving",
      ]);
      const auditor = await read(getChange, { changeId: id }, { ...alice, role: "auditor" }, origin);
      expect([auditor.canApply, auditor.canKeep, auditor.canRollBack]).toEqual([false, false, false]);
    }
  });
});

test("a state is moved by compare-and-set: of two movers one moves, the other is told", async () => {
  const host = await hostWithFile();
  const id = await planned(host);
  await apply(id);
  const change = await db.change.findUniqueOrThrow({ where: { id } });
  const moves = await Promise.all([
    db.$transaction((tx) => moveTo(tx, change, "refused", { kind: "refused", text: "a" })),
    db.$transaction((tx) => moveTo(tx, change, "proving", { kind: "applied", text: "b" })),
  ]);
  expect(moves.filter(Boolean)).toHaveLength(1);
  const steps = await db.changeStep.findMany({
    where: { changeId: id, kind: { in: ["refused", "applied"] } },
  });
  expect(steps).toHaveLength(1);
});

test("an end writes the activity's result, tells the pages, and has the tree read again", async () => {
  const host = await hostWithFile();
  const id = await planned(host);
  await apply(id);
  const change = await db.change.findUniqueOrThrow({ where: { id } });
  await db.$transaction((tx) =>
    moveTo(tx, change, "refused", { kind: "refused", text: "The host said no." }),
  );
  const [result] = await db.activity.findMany({ where: { targetId: id }, orderBy: { seq: "desc" }, take: 1 });
  const intent = await db.activity.findFirst({ where: { targetId: id, outcome: "intent" } });
  expect(result).toMatchObject({ action: "change.apply", outcome: "refused", intentSeq: intent?.seq });
  expect(await jobsFor("config.read", host.hostId)).toBe(1);
  expect(await db.event.count({ where: { topic: `change:${id}`, kind: "change.refused" } })).toBe(1);
  expect(await read(getChange, { changeId: id }, alice, origin)).toMatchObject({
    outcome: "The host said no.",
  });
});

test("what a pending change has put on the host is no version yet; kept, it is ours and no drift", async () => {
  const host = await hostWithFile();
  const id = await planned(host);
  await apply(id);
  const change = await db.change.findUniqueOrThrow({ where: { id } });
  const live = agentFile(main, addMarker(change.content, change.hostRef));
  expect(live.sha256).toBe(change.newSha256);
  await answerWith(db, host.hostId, [live]);
  expect(await db.configVersion.count({ where: { fileId: host.fileId } })).toBe(1);
  await db.change.update({ where: { id }, data: { state: "confirmed", endedAt: new Date() } });
  await answerWith(db, host.hostId, [live]);
  const newest = await db.configVersion.findFirstOrThrow({
    where: { fileId: host.fileId },
    orderBy: { number: "desc" },
  });
  expect(newest).toMatchObject({ origin: "change", changeId: id });
  expect(stripMarker(newest.content)).toBe("UseDNS yes\n");
  expect((await db.host.findUniqueOrThrow({ where: { id: host.hostId } })).driftedAt).toBeNull();
});

test("the list filters by state, host and text, and counts what is open", async () => {
  const host = await hostWithFile();
  const id = await planned(host, { content: "Banner none\n" });
  await apply(id);
  const list = (input: object) => read(listChanges, input, alice, origin);
  expect((await list({ hostId: host.hostId, state: "pending" })).rows.map((row) => row.id)).toEqual([id]);
  expect((await list({ hostId: host.hostId, state: "confirmed" })).rows).toEqual([]);
  expect((await list({ q: host.hostName })).rows.map((row) => row.id)).toEqual([id]);
  const all = await list({});
  expect(all.pending).toBe(
    (await db.change.findMany()).filter((change) => isPending(change.state as "planned")).length,
  );
});

function pick({ fileId, baseSha256 }: { fileId: string; baseSha256: string }) {
  return { fileId, baseSha256 };
}
