import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { NobodyAssertion } from "@/lib/access/assertions/assertion";
import type { HostFacts } from "@/lib/access/facts";
import { hostWith, type TestHost } from "@/lib/access/testing/host";
import { packFacts } from "@/lib/features/access/stored-facts";
import { changeRule, createRule, removeRule, tryRule } from "@/lib/features/access-rules/commands";
import { accessRuleJobs } from "@/lib/features/access-rules/jobs";
import {
  getRule,
  getRuleForm,
  listBrokenRules,
  listRules,
  summarizeRules,
} from "@/lib/features/access-rules/queries";
import { archiveHost, editHost } from "@/lib/features/hosts/commands";
import { roles } from "@/lib/policy/permissions";
import { addActor, addHost, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
const context = {
  workerId: "w",
  attempt: 1,
  isLastAttempt: true,
  signal: new AbortController().signal,
  openBox: () => Buffer.alloc(0),
};
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMkU1UjsruK/s+iYWUNxUJI9Ye+0mSuu9VmNtDWj/VyX";
const keyPrint = "SHA256:O5wmK4L5tFVuK+Q0/SruYMsdfAJqQynBRCf/DhTqEoA";
let ada: Actor;
let auditor: Actor;

beforeAll(async () => {
  [ada, auditor] = await Promise.all([addActor(db, "admin", "Ada"), addActor(db, "auditor", "Aud")]);
});
beforeEach(async () => {
  await db.accessRule.deleteMany();
  await db.host.deleteMany();
  await db.$executeRaw`TRUNCATE graphile_worker._private_jobs`;
});

const noRoot: NobodyAssertion = {
  quantifier: "nobody",
  hosts: { kind: "tags", tags: ["prod"] },
  accounts: { kind: "root" },
  addresses: { kind: "outside", networks: ["10.0.0.0/8"] },
  methods: "any",
};
const rule = (more: object = {}) => ({
  name: "No root from outside",
  reason: "The network team asked for it.",
  severity: "block" as const,
  isEnabled: true,
  assertion: noRoot,
  ...more,
});
const shut: TestHost = {
  config: "UsePAM no\nPasswordAuthentication no\nAllowUsers root@10.0.0.0/8\n",
  accounts: [{ name: "root", keys: `${key}\n` }],
};
const open: TestHost = { ...shut, config: "UsePAM no\nPasswordAuthentication no\n" };

async function addRead(name: string, tags: string[], host: TestHost | HostFacts): Promise<string> {
  const hostId = await addHost(db, name);
  await db.host.update({ where: { id: hostId }, data: { tags } });
  await readAs(hostId, host);
  return hostId;
}

async function readAs(hostId: string, host: TestHost | HostFacts): Promise<void> {
  const facts = "format" in host ? host : hostWith(host);
  const data = { facts: packFacts(facts), hash: "h", readAt: new Date(), isConsistent: true };
  await db.accessReading.upsert({ where: { hostId }, create: { hostId, ...data }, update: data });
}

const waiting = async (): Promise<string[]> => {
  const rows = await db.$queryRaw<{ key: string | null }[]>`
    SELECT key FROM graphile_worker._private_jobs ORDER BY key`;
  return rows.map((row) => row.key ?? "");
};
/** What the worker does when it gets there. */
async function work(): Promise<void> {
  await accessRuleJobs["access-rules.check-all"]({}, context);
  for (const name of await waiting()) {
    const hostId = /^access-rules\.check:(.*)$/.exec(name)?.[1];
    if (hostId) await accessRuleJobs["access-rules.check"]({ hostId }, context);
  }
  await db.$executeRaw`TRUNCATE graphile_worker._private_jobs`;
}
const create = (more: object = {}, actor = ada) => act(createRule, rule(more), actor, origin);
const list = async () => (await read(listRules, {}, auditor, origin)).rules;
const view = (ruleId: string, filter: object = {}) => read(getRule, { ruleId, ...filter }, auditor, origin);

describe("a rule", () => {
  test("is checked on every host that it is about, and on no other", async () => {
    const good = await addRead("a-good", ["prod"], shut);
    const bad = await addRead("b-bad", ["prod", "eu"], open);
    await addRead("c-test", ["test"], open);
    const unread = await addHost(db, "d-unread");
    await db.host.update({ where: { id: unread }, data: { tags: ["prod"] } });
    const { ruleId } = await create();
    expect(await waiting()).toEqual(["access-rules.check-all"]);
    expect((await list())[0]?.counts).toEqual({ holds: 0, broken: 0, unclear: 0, waiting: 3 });
    await work();
    expect((await list())[0]).toMatchObject({
      sentence: "Nobody from outside 10.0.0.0/8 reaches root on hosts tagged prod",
      counts: { holds: 1, broken: 1, unclear: 0, waiting: 1 },
    });
    const rows = (await view(ruleId)).hosts;
    expect(rows.map(({ hostId, answer }) => [hostId, answer?.state])).toEqual([
      [bad, "broken"],
      [unread, undefined],
      [good, "holds"],
    ]);
    expect(rows[0]?.answer?.offences[0]).toMatchObject({
      account: "root",
      fingerprint: keyPrint,
      methods: ["publickey"],
      from: ["0.0.0.0–9.255.255.255", "11.0.0.0–255.255.255.255", "any IPv6 address"],
      dependsOn: [],
    });
    expect((await view(ruleId, { state: "broken" })).hosts.map(({ hostId }) => hostId)).toEqual([bad]);
    expect(await view(ruleId, { state: "waiting" })).toMatchObject({ total: 1, hosts: [{ hostId: unread }] });
  });

  test("that breaks is told to open pages, once, and stands on the host and in the summary", async () => {
    const hostId = await addRead("db-1", ["prod"], shut);
    const { ruleId } = await create();
    await work();
    await db.event.deleteMany();
    await accessRuleJobs["access-rules.check"]({ hostId }, context);
    expect(await db.event.count()).toBe(0);
    await readAs(hostId, open);
    await accessRuleJobs["access-rules.check"]({ hostId }, context);
    const topics = (await db.event.findMany({ orderBy: { topic: "asc" } })).map(({ topic }) => topic);
    expect(topics).toEqual(["access-rules", `host:${hostId}`]);
    expect(await read(listBrokenRules, { hostId }, auditor, origin)).toMatchObject([
      { ruleId, severity: "block", state: "broken" },
    ]);
    expect(await read(summarizeRules, {}, auditor, origin)).toMatchObject({
      rules: 1,
      unclear: 0,
      broken: [{ ruleId, hosts: 1 }],
    });
  });

  test("keeps since when it is broken while it stays so", async () => {
    const hostId = await addRead("db-1", ["prod"], open);
    await create();
    await work();
    const first = await db.accessRuleResult.findFirstOrThrow();
    await readAs(hostId, { ...open, accounts: [...open.accounts, { name: "ann" }] });
    await work();
    const second = await db.accessRuleResult.findFirstOrThrow();
    expect(second.since).toEqual(first.since);
    expect(second.checkedAt.getTime()).toBeGreaterThanOrEqual(first.checkedAt.getTime());
  });

  test("comes to nothing while it is switched off, and its old answers are none", async () => {
    await addRead("db-1", ["prod"], open);
    const { ruleId } = await create();
    await work();
    const version = (await view(ruleId)).version;
    await act(changeRule, { ruleId, version, ...rule({ isEnabled: false }) }, ada, origin);
    expect((await list())[0]?.counts).toEqual({ holds: 0, broken: 0, unclear: 0, waiting: 0 });
    await work();
    expect(await db.accessRuleResult.count()).toBe(0);
  });

  test("is checked when a host gets another tag, and comes to nothing on one that is put aside", async () => {
    const hostId = await addRead("db-1", [], open);
    const { ruleId } = await create();
    await work();
    expect(await db.accessRuleResult.count()).toBe(0);
    for (const [tags, found] of [
      [["prod"], 1],
      [["test"], 0],
      [["prod"], 1],
    ] as const) {
      await act(editHost, { hostId, tags: [...tags] }, ada, origin);
      expect(await waiting()).toContain(`access-rules.check:${hostId}`);
      await accessRuleJobs["access-rules.check"]({ hostId }, context);
      expect(await db.accessRuleResult.count({ where: { ruleId, state: "broken" } })).toBe(found);
    }
    await act(archiveHost, { hostId }, ada, origin);
    await accessRuleJobs["access-rules.check"]({ hostId }, context);
    expect((await list())[0]?.counts).toEqual({ holds: 0, broken: 0, unclear: 0, waiting: 0 });
  });

  test("that blocks keeps its hosts: who may not change rules takes none out of its reach", async () => {
    const hostId = await addRead("db-1", ["prod", "eu"], open);
    const { ruleId } = await create({ severity: "block" });
    const olga = await addActor(db, "operator", "Olga");
    const retag = (tags: string[]) => act(editHost, { hostId, tags }, olga, origin);
    await expect(retag(["eu"])).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("would not be about db-1 any more"),
    });
    await retag(["prod", "test"]);
    await act(changeRule, { ruleId, version: 1, ...rule({ severity: "warn" }) }, ada, origin);
    await retag(["test"]);
    expect(await db.host.findUnique({ where: { id: hostId } })).toMatchObject({ tags: ["test"] });
  });

  test("that was edited waits for its check: an answer to another question is none", async () => {
    const hostId = await addRead("db-1", ["prod"], open);
    const { ruleId } = await create();
    await work();
    await act(changeRule, { ruleId, version: 1, ...rule({ name: "Another" }) }, ada, origin);
    expect((await list())[0]?.counts).toEqual({ holds: 0, broken: 0, unclear: 0, waiting: 1 });
    expect(await read(listBrokenRules, { hostId }, auditor, origin)).toEqual([]);
    await work();
    expect((await list())[0]?.counts.broken).toBe(1);
  });

  test("of which a host can tell nothing is unclear, and says why", async () => {
    const hostId = await addRead("db-1", ["prod"], shut);
    await db.accessReading.update({ where: { hostId }, data: { facts: new Uint8Array([1, 2, 3]) } });
    const { ruleId } = await create();
    await work();
    const [row] = (await view(ruleId)).hosts;
    expect(row?.answer).toMatchObject({
      state: "unclear",
      doubts: [expect.stringMatching(/cannot be judged/)],
    });
    await db.accessRule.update({ where: { id: ruleId }, data: { assertion: { quantifier: "some" } } });
    await readAs(hostId, shut);
    await work();
    expect((await list())[0]).toMatchObject({ isUnreadable: true, counts: { unclear: 1, holds: 0 } });
  });

  test("knows the key of a person, and the name in its sentence", async () => {
    await addRead("db-1", ["prod"], shut);
    const bob = await addActor(db, "member", "Bob");
    await db.personKey.create({
      data: {
        personId: bob.personId,
        fingerprint: keyPrint,
        type: "ssh-ed25519",
        blob: Buffer.from(key.split(" ")[1] ?? "", "base64"),
        bits: 256,
        name: "laptop",
        origin: "pasted",
        provedAt: new Date(),
      },
    });
    const subject = { kind: "person", personId: bob.personId };
    const scope = { hosts: { kind: "all" }, accounts: { kind: "root" } };
    await create({
      name: "Bob",
      assertion: {
        quantifier: "always",
        subject,
        ...scope,
        addresses: { kind: "inside", networks: ["10.0.0.0/8"] },
        session: "free",
      },
    });
    await create({
      name: "Only Bob",
      assertion: { ...noRoot, quantifier: "only", subjects: [subject], ...scope, addresses: { kind: "any" } },
    });
    await work();
    const rows = await list();
    expect(rows.map(({ sentence, counts }) => [sentence, counts.holds])).toEqual([
      ["Bob always reaches root on every host from every address of 10.0.0.0/8", 1],
      ["Only Bob reaches root on any host", 1],
    ]);
    await db.person.update({ where: { id: bob.personId }, data: { disabledAt: new Date() } });
    await work();
    expect((await list()).map(({ name, counts }) => [name, counts.broken])).toEqual([
      ["Only Bob", 1],
      ["Bob", 0],
    ]);
  });
});

describe("who edits", () => {
  test("an older version is told by whom it was changed, and loses nothing of the other's", async () => {
    const { ruleId } = await create();
    const grace = await addActor(db, "admin", "Grace");
    await act(changeRule, { ruleId, version: 1, ...rule({ name: "Grace's" }) }, grace, origin);
    const late = act(changeRule, { ruleId, version: 1, ...rule({ name: "Ada's" }) }, ada, origin);
    await expect(late).rejects.toMatchObject({ code: "conflict", message: expect.stringMatching(/^Grace/) });
    expect(await view(ruleId)).toMatchObject({ name: "Grace's", version: 2, updatedByName: "Grace" });
  });

  test("leaves the sentence before and after in the activity, and so does who removes", async () => {
    const { ruleId } = await create();
    const anyRoot = { ...noRoot, addresses: { kind: "any" as const } };
    await act(changeRule, { ruleId, version: 1, ...rule({ assertion: anyRoot }) }, ada, origin);
    await act(removeRule, { ruleId }, ada, origin);
    const rows = await db.activity.findMany({ where: { targetId: ruleId }, orderBy: { seq: "asc" } });
    expect(rows.map(({ action, targetName }) => [action, targetName])).toEqual([
      ["access-rule.create", "No root from outside"],
      ["access-rule.change", "No root from outside"],
      ["access-rule.remove", "No root from outside"],
    ]);
    expect(rows[1]?.detail).toMatchObject({
      sentence: "Nobody reaches root on hosts tagged prod",
      before: { sentence: "Nobody from outside 10.0.0.0/8 reaches root on hosts tagged prod" },
    });
    await expect(view(ruleId)).rejects.toMatchObject({ code: "not_found" });
  });

  test("needs the role and a fresh touch; who reads needs neither", async () => {
    const { ruleId } = await create();
    for (const role of roles) {
      const actor = await addActor(db, role, role);
      const mayWrite = role === "owner" || role === "admin";
      const made = act(createRule, rule({ name: role }), actor, origin);
      if (mayWrite) await made;
      else await expect(made).rejects.toMatchObject({ code: "forbidden" });
      const seen = read(getRule, { ruleId }, actor, origin);
      if (role === "member") await expect(seen).rejects.toMatchObject({ code: "forbidden" });
      else expect((await seen).mayWrite).toBe(mayWrite);
    }
    const stale = { ...ada, steppedUpAt: null };
    for (const attempt of [
      act(createRule, rule(), stale, origin),
      act(changeRule, { ruleId, version: 1, ...rule() }, stale, origin),
      act(removeRule, { ruleId }, stale, origin),
    ])
      await expect(attempt).rejects.toMatchObject({ code: "step_up_required" });
  });

  test.each([
    [{ addresses: { kind: "outside", networks: ["10.0.0.1/8"] } }, /must be zero/],
    [{ addresses: { kind: "outside", networks: [] } }, /at least one network/],
    [{ hosts: { kind: "tags", tags: ["prod, test"] } }, /Without blanks and commas/],
    [{ accounts: { kind: "names", patterns: ["a\u202eb"] } }, /Without blanks and commas/],
    [{ quantifier: "some" }, /./],
    [{ methods: "any; drop" }, /./],
    [{ more: true }, /./],
  ])("says nothing that is none: %j", async (more, message) => {
    const made = create({ assertion: { ...noRoot, ...more } });
    await expect(made).rejects.toMatchObject({ code: "invalid", message: expect.stringMatching(message) });
  });

  test("names nobody who is not there", async () => {
    const subjects = [{ kind: "person", personId: "00000000-0000-4000-8000-000000000000" }];
    const made = create({ assertion: { ...noRoot, quantifier: "only", subjects } });
    await expect(made).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringMatching(/not exist any more/),
    });
  });
});

describe("a rule that is tried", () => {
  test("comes to the same as when it is saved, and nothing is written", async () => {
    await addRead("a-good", ["prod"], shut);
    const bad = await addRead("b-bad", ["prod"], open);
    await addHost(db, "c-unread");
    const assertion = { ...noRoot, hosts: { kind: "all" as const } };
    const before = await db.activity.count();
    const tried = await act(tryRule, { assertion }, ada, origin);
    expect(tried).toMatchObject({
      sentence: "Nobody from outside 10.0.0.0/8 reaches root on any host",
      counts: { holds: 1, broken: 1, unclear: 0, waiting: 1 },
      left: 0,
      hosts: [{ hostId: bad, answer: { state: "broken", total: 1 } }],
    });
    expect([await db.accessRule.count(), await db.activity.count()]).toEqual([0, before]);
    await create({ assertion });
    await work();
    expect((await list())[0]?.counts).toEqual(tried.counts);
  });

  test("chooses from people, tags and hosts that there are", async () => {
    await addRead("db-1", ["prod", "eu"], shut);
    const form = await read(getRuleForm, {}, ada, origin);
    expect(form.tags).toEqual(["eu", "prod"]);
    expect(form.hosts).toEqual([{ name: "db-1", tags: ["prod", "eu"] }]);
    expect(form.people).toContainEqual(
      expect.objectContaining({ id: ada.personId, hasKey: false, hasLeft: false }),
    );
  });
});
