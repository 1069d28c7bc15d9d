import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, type LabHost, openLab } from "@/e2e/lab/lab";
import type { Tree } from "@/e2e/lab/tree";
import { type ChangeState, isEnded } from "@/lib/change/machine";
import { addMarker, stripMarker } from "@/lib/change/marker";
import { changeRule, createRule } from "@/lib/features/access-rules/commands";
import {
  applyChange,
  keepChange,
  planChange,
  restoreVersion,
  rollBackChange,
} from "@/lib/features/changes/commands";
import { getChange } from "@/lib/features/changes/queries";
import type { ChangeView } from "@/lib/features/changes/views";
import { checkDraft } from "@/lib/features/config/commands";
import { getHostConfig } from "@/lib/features/config/queries";
import { addActor, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { enrolLabHost } from "@/lib/testing/enrolled-host";
import { WorkerProcess } from "@/lib/testing/worker-process";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
const main = "/etc/ssh/sshd_config";
let lab: Lab;
let worker: WorkerProcess;
let ada: Actor;

beforeAll(async () => {
  [lab, worker, ada] = await Promise.all([openLab(), WorkerProcess.start(), addActor(db, "admin", "Ada")]);
});
afterAll(async () => {
  await worker?.kill();
  await lab?.close();
});

interface Managed {
  host: LabHost;
  hostId: string;
  /** The live file at the beginning. */
  before: Buffer;
}

async function managed(tree: Tree, options: Parameters<Lab["start"]>[1] = {}): Promise<Managed> {
  const host = await lab.start(tree, options);
  const hostId = await enrolLabHost(db, host);
  await until(`${host.name} is read`, async () => (await db.configFile.count({ where: { hostId } })) > 0);
  return { host, hostId, before: await host.readBytes(main) };
}

/** Waits on meaning, with a limit that only a hang reaches. */
async function until<T>(
  what: string,
  look: () => Promise<T | false | null | undefined>,
  seconds = 60,
): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > end) throw new Error(`waited ${seconds} s until ${what}\n${worker.output}`);
    await sleep(50);
  }
}

const view = (changeId: string) => read(getChange, { changeId }, ada, origin);

function reached(changeId: string, state: ChangeState, seconds?: number): Promise<ChangeView> {
  return until(
    `the change is ${state}`,
    async () => {
      const change = await view(changeId);
      if (isEnded(change.state) && change.state !== state)
        throw new Error(
          `it ended ${change.state}: ${change.outcome}\n${JSON.stringify(change.steps, null, 1)}`,
        );
      return change.state === state && change;
    },
    seconds,
  );
}

async function fileOf(hostId: string, path = main) {
  const config = await read(getHostConfig, { hostId }, ada, origin);
  const file = config.files.find((one) => one.path === path);
  if (!file) throw new Error(`no ${path} in ${config.files.map((one) => one.path)}`);
  return file;
}

/** Plans a new text of a file, and waits for the host's answer. */
async function plan(hostId: string, edit: (content: string) => string, path = main): Promise<ChangeView> {
  const file = await fileOf(hostId, path);
  const input = { fileId: file.id, baseSha256: file.sha256, content: edit(file.content) };
  const { changeId } = await act(planChange, input, ada, origin);
  const change = await reached(changeId, "planned");
  expect(change.planError).toBeNull();
  return change;
}

const apply = (changeId: string, more: object = {}) =>
  act(applyChange, { changeId, keepBy: "login", deadlineSeconds: 30, ...more }, ada, origin);

const prepend = (line: string) => (content: string) => `${line}\n${content}`;

/** The whole truth at the end: nothing is pending anywhere, and people log in. */
async function isSettled({ host }: Managed): Promise<void> {
  expect((await host.login("alice", { command: "true" })).ok).toBe(true);
  const state = await host.exec("cat /var/lib/gatehouse/state; ls /etc/ssh | grep -c gatehouse || true");
  expect(state.stdout).toMatch(/^state=(confirmed|rolled-back|idle)$/m);
}

async function metadata(host: LabHost): Promise<string> {
  return (await host.exec(`stat -c '%a %u %g %i' ${main}`)).stdout;
}

describe.concurrent("a change that lets us in is kept by a fresh login", () => {
  const kinds: [string, Tree, object][] = [
    ["OpenSSH 8.4, SIGHUP", "bullseye", {}],
    ["OpenSSH 9.2, SIGHUP", "bookworm", {}],
    ["OpenSSH 10.0, SIGHUP", "trixie", {}],
    ["9.2, systemd's ssh.service", "bookworm-systemd", { init: "service" }],
    ["9.2, systemd's ssh.socket", "bookworm-systemd", { init: "socket" }],
  ];
  test.each(kinds)("%s", async (_, tree, options) => {
    const it = await managed(tree, options);
    const planned = await plan(it.hostId, prepend("ClientAliveInterval 77"));
    expect(planned.plan).toMatchObject({
      test: { code: 0 },
      management: { getsIn: true },
      needsPerson: false,
      effective: [{ for: "everyone", keyword: "clientaliveinterval", before: ["0"], after: ["77"] }],
    });
    await apply(planned.id);
    const kept = await reached(planned.id, "confirmed");
    expect(kept.proof).toMatchObject({
      liveSha256: kept.newSha256,
      hostKey: expect.stringMatching(/^SHA256:/),
    });

    const live = (await it.host.readBytes(main)).toString();
    expect(live.startsWith("ClientAliveInterval 77\n")).toBe(true);
    expect(stripMarker(live)).toBe(`ClientAliveInterval 77\n${it.before}`);
    await isSettled(it);
    const file = await until("the new version is on record", async () => {
      const now = await fileOf(it.hostId);
      return now.sha256 === kept.newSha256 && now;
    });
    expect(file.content).toBe(`ClientAliveInterval 77\n${it.before}`);
    const rows = await db.activity.findMany({ where: { targetId: planned.id }, orderBy: { seq: "asc" } });
    expect(rows.map((row) => row.outcome)).toEqual(["intent", "done"]);
    expect(rows[1]?.intentSeq).toBe(rows[0]?.seq);

    // And back again: the original is restored by a change like any other.
    const original = await db.configVersion.findFirstOrThrow({ where: { fileId: file.id, number: 1 } });
    const restore = await act(restoreVersion, { versionId: original.id }, ada, origin);
    await reached(restore.changeId, "planned");
    await apply(restore.changeId);
    await reached(restore.changeId, "confirmed");
    expect(stripMarker(await it.host.read(main))).toBe(it.before.toString());
  });
});

describe.concurrent("a change that shuts us out", () => {
  test("is refused before anything is sent", async () => {
    const it = await managed("bookworm");
    const planned = await plan(it.hostId, prepend("AllowUsers nobody"));
    expect(planned.plan?.management).toMatchObject({
      getsIn: false,
      reasons: [expect.stringMatching(/AllowUsers/)],
    });
    await expect(apply(planned.id, { keepBy: "person" })).rejects.toMatchObject({ code: "conflict" });
    expect((await it.host.readBytes(main)).equals(it.before)).toBe(true);
    expect(await it.host.exec("cat /var/lib/gatehouse/history")).toMatchObject({ stdout: "" });
  });

  test.each(["bookworm", "trixie"] as const)(
    "and is applied all the same undoes itself byte for byte (%s)",
    async (tree) => {
      const it = await managed(tree);
      // The lab's disk is an overlay: a file of its lower layer gets another inode when it is first linked.
      await it.host.exec(`cp -p ${main} ${main}.new && mv ${main}.new ${main}`);
      const was = await metadata(it.host);
      const planned = await plan(it.hostId, prepend("AllowUsers nobody"));
      await apply(planned.id, { keepBy: "person", override: { hostName: it.host.name } });
      await until("nobody gets in", async () => !(await it.host.login("alice", { command: "true" })).ok);
      const ended = await reached(planned.id, "rolled_back", 120);
      expect(ended.provedAt).toBeNull();
      expect((await it.host.readBytes(main)).equals(it.before)).toBe(true);
      expect(await metadata(it.host)).toBe(was);
      await isSettled(it);
      const rows = await db.activity.findMany({ where: { targetId: planned.id }, orderBy: { seq: "asc" } });
      expect(rows.map((row) => row.outcome).slice(-2)).toEqual(["intent", "failed"]);
    },
  );
});

describe.concurrent("a change that a person keeps", () => {
  const proved = async () => {
    const it = await managed("bookworm");
    const planned = await plan(it.hostId, prepend("MaxAuthTries 4"));
    expect(planned.plan?.needsPerson).toBe(true);
    await apply(planned.id, { keepBy: "person" });
    const change = await reached(planned.id, "awaiting_person");
    expect(change).toMatchObject({ canKeep: true, canRollBack: true, provedAt: expect.any(String) });
    return { it, id: planned.id };
  };

  test("is kept when he keeps it, over one more fresh login", async () => {
    const { it, id } = await proved();
    await act(keepChange, { changeId: id }, ada, origin);
    await reached(id, "confirmed", 20);
    expect(await it.host.read(main)).toMatch(/^MaxAuthTries 4\n/);
    await isSettled(it);
  });

  test("is rolled back when he says so", async () => {
    const { it, id } = await proved();
    await act(rollBackChange, { changeId: id }, ada, origin);
    await reached(id, "rolled_back", 20);
    expect((await it.host.readBytes(main)).equals(it.before)).toBe(true);
    await isSettled(it);
  });

  test("is rolled back by the host when he does nothing", async () => {
    const { it, id } = await proved();
    const ended = await reached(id, "rolled_back", 60);
    expect(ended.outcome).toMatch(/Rolled back by the host/);
    expect((await it.host.readBytes(main)).equals(it.before)).toBe(true);
    await isSettled(it);
  });

  test("does not survive a power cut", async () => {
    const { it, id } = await proved();
    await it.host.powerCut();
    await it.host.boot();
    await it.host.waitForSsh();
    expect((await it.host.readBytes(main)).equals(it.before)).toBe(true);
    await reached(id, "rolled_back", 90);
    await isSettled(it);
  });
});

describe.concurrent("what happened on the host in between", () => {
  test("an edit made by hand refuses the change, stays, and is on record", async () => {
    const it = await managed("bookworm");
    const planned = await plan(it.hostId, prepend("ClientAliveInterval 77"));
    await it.host.exec(`echo '# by hand' >> ${main}`);
    await apply(planned.id);
    const ended = await reached(planned.id, "refused");
    expect(ended.outcome).toMatch(/edited/);
    expect(await it.host.read(main)).toBe(`${it.before}# by hand\n`);
    await until("the edit is on record", async () =>
      (await fileOf(it.hostId)).content.endsWith("# by hand\n"),
    );
    expect((await db.host.findUniqueOrThrow({ where: { id: it.hostId } })).driftedAt).not.toBeNull();
  });

  test("an edit made by hand while it is being planned refuses the plan", async () => {
    const it = await managed("bookworm");
    const file = await fileOf(it.hostId);
    await it.host.exec(`echo '# by hand' >> ${main}`);
    const input = { fileId: file.id, baseSha256: file.sha256, content: "ClientAliveInterval 77\n" };
    const { changeId } = await act(planChange, input, ada, origin);
    expect((await reached(changeId, "refused")).outcome).toMatch(/edited on the host/);
  });

  test("another host key refuses it, and nothing more is sent to the host", async () => {
    const it = await managed("bookworm");
    const planned = await plan(it.hostId, prepend("ClientAliveInterval 77"));
    await it.host.replaceHostKeys();
    await apply(planned.id);
    await reached(planned.id, "refused");
    expect((await it.host.readBytes(main)).equals(it.before)).toBe(true);
    const host = await db.host.findUniqueOrThrow({ where: { id: it.hostId }, include: { pins: true } });
    expect(host.state).toBe("key_changed");
    expect(host.pins.filter((pin) => pin.offeredAt !== null)).toHaveLength(1);
    await expect(plan(it.hostId, prepend("ClientAliveInterval 88"))).rejects.toMatchObject({
      code: "unavailable",
    });
  });

  test("a host that is not there was not told, and that is said", async () => {
    const it = await managed("bookworm");
    const planned = await plan(it.hostId, prepend("ClientAliveInterval 77"));
    await it.host.powerCut();
    await apply(planned.id);
    expect((await reached(planned.id, "refused")).outcome).toMatch(/nothing was changed/);
  });
});

test.concurrent("who would be shut out is in the plan, is given up by name, and is who cannot log in", async () => {
  const it = await managed("bookworm");
  await until("its access is read", async () => {
    const reading = await db.accessReading.findUnique({ where: { hostId: it.hostId } });
    return reading?.readAt;
  });
  const rule = {
    name: "Alice gets in",
    reason: "She is on call.",
    severity: "block" as const,
    isEnabled: true,
    assertion: {
      quantifier: "always" as const,
      subject: { kind: "account" as const, name: "alice" },
      hosts: { kind: "names" as const, patterns: [it.host.name] },
      accounts: { kind: "all" as const },
      addresses: { kind: "any" as const },
      session: "free" as const,
    },
  };
  const { ruleId } = await act(createRule, rule, ada, origin);
  const held = await until("the rule is checked on the host", async () =>
    db.accessRuleResult.findFirst({ where: { ruleId, hostId: it.hostId } }),
  );
  expect(held.state).toBe("holds");
  const planned = await plan(it.hostId, prepend("DenyUsers alice"));
  const { access } = planned.plan ?? {};
  expect(planned.canApply).toBe(false);
  expect(planned.plan?.rules).toMatchObject([
    { ruleId, effect: "breaks", isBlocking: true, offences: [{ account: null, from: ["any address"] }] },
  ]);
  // Not even by name: the rule has to go first.
  await expect(
    apply(planned.id, { keepBy: "person", override: { hostName: it.host.name } }),
  ).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringMatching(
      /^Refused by the rule “Alice gets in”: The account alice can always be reached on .* no way in from any address/,
    ),
  });
  await act(changeRule, { ruleId, version: 1, ...rule, severity: "warn" }, ada, origin);
  expect(access).toMatchObject({
    obstacle: null,
    isStale: false,
    gains: { total: 0 },
    shutOut: { total: 1, accounts: ["alice"] },
  });
  expect(access?.loses.rows[0]).toMatchObject({
    account: "alice",
    why: [{ text: "DenyUsers alice refuses alice.", source: `${main}:1` }],
  });
  await expect(apply(planned.id, { keepBy: "person" })).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringMatching(/nobody could log in any more as alice/),
  });
  expect((await it.host.readBytes(main)).equals(it.before)).toBe(true);
  await apply(planned.id, { keepBy: "person", override: { hostName: it.host.name } });
  await reached(planned.id, "awaiting_person");
  expect((await it.host.login("alice", { command: "true" })).ok).toBe(false);
  expect((await it.host.login("admin", { command: "true" })).ok).toBe(true);
  await act(rollBackChange, { changeId: planned.id }, ada, origin);
  await reached(planned.id, "rolled_back", 20);
  await isSettled(it);
});

test.concurrent("an included file is changed and proved like the main one", async () => {
  const it = await managed("bookworm");
  const dropIn = "/etc/ssh/sshd_config.d/50-site.conf";
  await it.host.write(dropIn, "ClientAliveInterval 99\n", "644");
  await db.$executeRaw`select graphile_worker.add_job('config.read', json_build_object('hostId', ${it.hostId}::text))`;
  await until(
    "the file is read",
    async () => (await db.configFile.count({ where: { hostId: it.hostId } })) === 2,
  );
  const planned = await plan(it.hostId, () => "ClientAliveInterval 55", dropIn);
  await apply(planned.id);
  await reached(planned.id, "confirmed");
  const live = await it.host.read(dropIn);
  expect(stripMarker(live)).toBe("ClientAliveInterval 55");
  expect((await it.host.exec("sshd -T | grep -i clientaliveinterval")).stdout.trim().toLowerCase()).toBe(
    "clientaliveinterval 55",
  );
  await isSettled(it);
});

test.concurrent("the host's own sshd -t is asked about a draft, and names the line", async () => {
  const it = await managed("bookworm");
  const file = await fileOf(it.hostId);
  const asked = await act(
    checkDraft,
    { fileId: file.id, content: `UseDNS no\nPermitRotLogin no\n` },
    ada,
    origin,
  );
  expect(asked.code).toBe(255);
  expect(asked.lines[0]).toMatchObject({
    path: main,
    line: 2,
    text: expect.stringMatching(/PermitRotLogin/),
  });
  expect((await it.host.readBytes(main)).equals(it.before)).toBe(true);
});

// Last, and alone: the worker that all others share is killed.
describe("a worker killed in the middle is replaced, and the change ends with the truth, applied once", () => {
  let it: Managed;
  beforeAll(async () => {
    it = await managed("bookworm");
  });
  const rowOf = (id: string) => db.change.findUniqueOrThrow({ where: { id } });
  const hostSays = async (pattern: RegExp) =>
    pattern.test((await it.host.exec("cat /var/lib/gatehouse/state")).stdout);
  const moments: [string, (id: string) => Promise<boolean>][] = [
    ["before it took the job", async () => true],
    ["while it tells the host", async (id) => (await rowOf(id)).sentAt !== null],
    ["when the host has it and nobody wrote that down", async () => hostSays(/^state=(armed|applied)$/m)],
    ["when it is being proved", async (id) => (await rowOf(id)).state !== "applying"],
  ];
  test.each(moments)("%s", async (what, isMoment) => {
    const seconds = 20 + moments.findIndex(([name]) => name === what);
    const planned = await plan(it.hostId, (text) => {
      return `ClientAliveInterval ${seconds}\n${text.replace(/^ClientAliveInterval \d+\n/, "")}`;
    });
    await apply(planned.id);
    await until(what, () => isMoment(planned.id), 30);
    await worker.kill();
    worker = await WorkerProcess.start();
    const ended = await until(
      "it has ended",
      async () => {
        const change = await view(planned.id);
        return isEnded(change.state) && change;
      },
      90,
    );
    const live = await it.host.read(main);
    const { hostRef } = await rowOf(planned.id);
    expect(live === addMarker(ended.content, hostRef), `${ended.state}: ${ended.outcome}`).toBe(
      ended.state === "confirmed",
    );
    await isSettled(it);
    const history = (await it.host.exec("cat /var/lib/gatehouse/history")).stdout;
    expect(history.split(hostRef)).toHaveLength(ended.state === "refused" ? 1 : 2);
    await until("it is read again", async () => (await fileOf(it.hostId)).content === stripMarker(live));
  });
});
