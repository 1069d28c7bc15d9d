import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Assertion } from "@/lib/access/assertions/assertion";
import type { HostFacts } from "@/lib/access/facts";
import { hostWith, type TestAccount } from "@/lib/access/testing/host";
import { packFacts } from "@/lib/features/access/stored-facts";
import { changeRule, createRule } from "@/lib/features/access-rules/commands";
import { applyChange, planChange } from "@/lib/features/changes/commands";
import { moveTo } from "@/lib/features/changes/progress";
import { getChange } from "@/lib/features/changes/queries";
import { rulesOfPlan } from "@/lib/features/changes/rules-of-plan";
import { writePlan } from "@/lib/features/changes/stored";
import type { ChangePlanView } from "@/lib/features/changes/views";
import { addActor, addHost, agentFile, answerWith, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
const main = "/etc/ssh/sshd_config";
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMkU1UjsruK/s+iYWUNxUJI9Ye+0mSuu9VmNtDWj/VyX";
const accounts: TestAccount[] = [
  { name: "root", keys: `${key}\n` },
  { name: "ann", keys: `${key}\n` },
];
const keysOnly = "UsePAM no\nPasswordAuthentication no\n";
const inside = `${keysOnly}AllowUsers ann root@10.0.0.0/8\n`;
let ada: Actor;
let bob: Actor;

beforeAll(async () => {
  [ada, bob] = await Promise.all([addActor(db, "admin", "Ada"), addActor(db, "operator", "Bob")]);
});
beforeEach(async () => {
  await db.accessRule.deleteMany();
  await db.host.deleteMany();
});

const noRoot: Assertion = {
  quantifier: "nobody",
  hosts: { kind: "all" },
  accounts: { kind: "root" },
  addresses: { kind: "outside", networks: ["10.0.0.0/8"] },
  methods: "any",
};
const ruleInput = (more: object = {}) => ({
  name: "No root",
  reason: "Because.",
  severity: "block" as const,
  isEnabled: true,
  assertion: noRoot,
  ...more,
});
const addRule = (more: object = {}) => act(createRule, ruleInput(more), ada, origin);

interface Made {
  isRead?: boolean;
  files?: HostFacts["files"];
}

async function hostWithFile(config: string, { isRead = true, files = {} }: Made) {
  const hostId = await addHost(db);
  await answerWith(db, hostId, [agentFile(main, config)]);
  if (isRead) {
    const facts = packFacts(hostWith({ config, accounts, files }));
    await db.accessReading.create({ data: { hostId, facts, hash: "h", readAt: new Date() } });
  }
  const file = await db.configFile.findFirstOrThrow({ where: { hostId } });
  return { hostId, fileId: file.id, baseSha256: file.sha256 };
}

const harmless: ChangePlanView = {
  test: { code: 0, lines: [] },
  effective: [],
  management: { getsIn: true, reasons: [], doubts: [] },
  touches: [],
  needsPerson: false,
  needsExecutePermission: false,
  access: null,
  rules: null,
  twoFactor: null,
  readAt: "2026-01-01T00:00:00.000Z",
};

/** A change as the worker leaves it once the host was asked. */
async function planned(config: string, content: string, made: Made = {}): Promise<string> {
  const { hostId: _, ...input } = await hostWithFile(config, made);
  const { changeId } = await act(planChange, { ...input, content }, bob, origin);
  const change = await db.change.findUniqueOrThrow({ where: { id: changeId } });
  const rules = await rulesOfPlan(db, change, new Date());
  await db.$transaction((tx) =>
    moveTo(
      tx,
      change,
      "planned",
      { kind: "planned", text: "asked" },
      { plan: writePlan({ ...harmless, rules }) },
    ),
  );
  return changeId;
}
const apply = (changeId: string, more: object = {}) =>
  act(applyChange, { changeId, keepBy: "login", ...more }, bob, origin);
const view = (changeId: string) => read(getChange, { changeId }, bob, origin);

describe("a change that breaks a blocking rule", () => {
  test("is refused with the rule's sentence and the way that offends, and cannot be overridden", async () => {
    await addRule();
    const changeId = await planned(inside, `${keysOnly}AllowUsers ann root@10.0.0.0/8 root@192.0.2.0/24\n`);
    const { plan, canApply } = await view(changeId);
    expect(canApply).toBe(false);
    expect(plan?.rules).toMatchObject([
      {
        effect: "breaks",
        isBlocking: true,
        total: 1,
        offences: [{ account: "root", from: ["192.0.2.0/24"] }],
      },
    ]);
    const hostName = (await view(changeId)).hostName;
    for (const more of [{}, { override: { hostName } }])
      await expect(apply(changeId, more)).rejects.toMatchObject({
        code: "conflict",
        message:
          "Refused by the rule “No root”: Nobody from outside 10.0.0.0/8 reaches root on any host. With this change: root from 192.0.2.0/24 by publickey. Correct the change, or have an admin change the rule.",
      });
    expect((await view(changeId)).state).toBe("planned");
    expect(
      await db.activity.findFirst({ where: { action: "change.apply", targetId: changeId } }),
    ).toMatchObject({
      outcome: "refused",
    });
  });

  test("is refused too when the rule was made after the plan", async () => {
    const changeId = await planned(inside, keysOnly);
    expect((await view(changeId)).canApply).toBe(true);
    await addRule();
    await expect(apply(changeId)).rejects.toMatchObject({
      message: expect.stringMatching(/^Refused by the rule/),
    });
  });

  test("is applied once the rule only warns, is off, or is about other hosts", async () => {
    for (const more of [
      { severity: "warn" },
      { isEnabled: false },
      { assertion: { ...noRoot, hosts: { kind: "tags", tags: ["prod"] } } },
    ]) {
      const { ruleId } = await addRule();
      const changeId = await planned(inside, keysOnly);
      await expect(apply(changeId)).rejects.toMatchObject({ code: "conflict" });
      await act(changeRule, { ruleId, version: 1, ...ruleInput(more) }, ada, origin);
      await apply(changeId);
      expect((await view(changeId)).state).toBe("applying");
      await db.accessRule.deleteMany();
    }
  });

  test("names every rule that it breaks", async () => {
    await addRule({ name: "A" });
    await addRule({ name: "B" });
    const changeId = await planned(inside, keysOnly);
    await expect(apply(changeId)).rejects.toMatchObject({
      message: expect.stringMatching(/“A”.*It breaks 1 more: “B”\./),
    });
  });

  test("by what can no longer be told is refused as well", async () => {
    await addRule({ assertion: { ...noRoot, addresses: { kind: "any" }, methods: "password" } });
    const text = "auth required pam_exotic.so\naccount required pam_permit.so\n";
    const files = { "/etc/pam.d/sshd": { kind: "file" as const, uid: 0, gid: 0, mode: 0o644, text } };
    const changeId = await planned(keysOnly, "UsePAM yes\nPermitRootLogin yes\n", { files });
    expect((await view(changeId)).plan?.rules).toMatchObject([{ effect: "doubts", isBlocking: true }]);
    await expect(apply(changeId)).rejects.toMatchObject({
      message: expect.stringMatching(/could no longer be told, because of: root from any address/),
    });
  });
});

describe("a rule that was broken before", () => {
  test("does not stand in the way of a change that makes it no worse, and is said", async () => {
    await addRule();
    const changeId = await planned(keysOnly, `${keysOnly}ClientAliveInterval 5\n`);
    const { plan, canApply } = await view(changeId);
    expect(plan?.rules).toMatchObject([{ effect: "stays-broken", isBlocking: false, total: 1 }]);
    expect(canApply).toBe(true);
    await apply(changeId);
  });

  test("refuses a change that adds to it, with what it adds", async () => {
    await addRule();
    const some = `${keysOnly}AllowUsers root@192.0.2.0/24\n`;
    const changeId = await planned(some, `${keysOnly}AllowUsers root@192.0.2.0/24 root@2001:db8::/32\n`);
    expect((await view(changeId)).plan?.rules).toMatchObject([
      { effect: "breaks", isBlocking: true, total: 1, offences: [{ from: ["2001:db8::/32"] }] },
    ]);
  });

  test("is said to be mended by a change that mends it", async () => {
    await addRule();
    const changeId = await planned(keysOnly, inside);
    expect((await view(changeId)).plan?.rules).toMatchObject([{ effect: "mends", isBlocking: false }]);
    await apply(changeId);
  });
});

describe("a host of which nothing can be judged", () => {
  test("has to be read before a change to it is applied under blocking rules", async () => {
    await addRule();
    const changeId = await planned(inside, `${inside}ClientAliveInterval 5\n`, { isRead: false });
    await expect(apply(changeId)).rejects.toMatchObject({
      message: expect.stringMatching(/was not read yet\. Read it on the host's Access page/),
    });
    await db.accessRule.deleteMany();
    await apply(changeId);
  });

  test("because sshd refuses its configuration may be mended", async () => {
    await addRule();
    const changeId = await planned(`${inside}Nonsense yes\n`, inside);
    expect((await view(changeId)).plan?.rules).toMatchObject([{ effect: "unknown", isBlocking: false }]);
    await apply(changeId);
  });
});
