import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, type LabHost, openLab } from "@/e2e/lab/lab";
import { accessJobs } from "@/lib/features/access/jobs";
import { getHostAccess, listHostAccessExport } from "@/lib/features/access/queries";
import { addActor, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { enrolLabHost } from "@/lib/testing/enrolled-host";
import { type Actor, read } from "@/lib/usecase";

const db = await openDatabase();
const agent = "/usr/local/libexec/gatehouse-agent";
let lab: Lab;
let host: LabHost;
let hostId: string;
let auditor: Actor;

beforeAll(async () => {
  auditor = await addActor(db, "auditor", "Aud");
  lab = await openLab();
  host = await lab.start("bookworm");
  await host.write(
    "/etc/ssh/sshd_config.d/10-access.conf",
    "AllowUsers admin alice root gatehouse\nMatch User alice\n\tAuthenticationMethods publickey,password\nMatch all\n",
  );
  hostId = await enrolLabHost(db, host);
});
afterAll(async () => {
  await lab?.close();
});

const collect = () =>
  accessJobs["access.collect"](
    { hostId },
    {
      workerId: "w",
      attempt: 1,
      isLastAttempt: true,
      signal: new AbortController().signal,
      openBox: () => Buffer.alloc(0),
    },
  );
const viewOf = (filter: object = {}) => read(getHostAccess, { hostId, ...filter }, auditor, origin);
const rowOf = () => db.accessReading.findUniqueOrThrow({ where: { hostId } });

test("a host that was never read shows no way in, and says so", async () => {
  expect(await viewOf()).toMatchObject({ readAt: null, isStale: true, accounts: [], total: 0 });
  await expect(read(listHostAccessExport, { hostId }, auditor, origin)).rejects.toMatchObject({
    code: "unavailable",
  });
});

test("the ways in of a real host, which real logins agree with", async () => {
  await collect();
  const view = await viewOf();
  expect(view).toMatchObject({ isStale: false, isConsistent: true, failure: null, refused: null, cuts: [] });
  const waysOf = (name: string) =>
    view.accounts
      .find((account) => account.name === name)
      ?.paths.map((path) => path.steps.map((step) => step.method).join(",")) ?? [];
  expect(waysOf("alice")).toEqual(["publickey,password"]);
  expect(waysOf("admin").sort()).toEqual(["password", "publickey"]);
  expect(view.withoutWay).toContain("bob");
  const alice = view.accounts.find((account) => account.name === "alice")?.paths[0];
  expect(alice).toMatchObject({ factors: 2, from: ["any address"] });
  expect(alice?.why.map((reason) => reason.source)).toContain("/etc/ssh/sshd_config.d/10-access.conf:3");
  // What the paths say, tried: alice by key alone does not get in, admin does, bob does not.
  await host.exec("service ssh reload");
  await host.waitForSsh();
  expect((await host.login("admin")).ok).toBe(true);
  expect((await host.login("alice")).ok).toBe(false);
  expect((await host.login("bob")).ok).toBe(false);
});

test("a filter narrows the ways, not what is counted", async () => {
  const two = await viewOf({ factors: "more" });
  expect(two.accounts.map((account) => account.name)).toEqual(["alice"]);
  expect(two).toMatchObject({ shown: 1, total: (await viewOf()).total });
  expect((await viewOf({ q: "admin", method: "password" })).shown).toBe(1);
});

test("a reading of an unchanged host moves only its time; a login since is known", async () => {
  const before = await rowOf();
  await collect();
  const after = await rowOf();
  expect(after).toMatchObject({ hash: before.hash, changedAt: before.changedAt });
  expect(after.readAt?.getTime()).toBeGreaterThan(before.readAt?.getTime() ?? 0);
  const admin = (await viewOf()).accounts.find((account) => account.name === "admin");
  const key = admin?.paths.find((path) => path.steps[0]?.key);
  expect(Math.abs(Date.parse(key?.lastUsedAt ?? "") - Date.now())).toBeLessThan(120_000);
});

test("a change on the host is seen, by the hash that is another", async () => {
  const before = await rowOf();
  await host.exec("rm /home/admin/.ssh/authorized_keys");
  await collect();
  expect((await rowOf()).hash).not.toBe(before.hash);
  const admin = (await viewOf()).accounts.find((account) => account.name === "admin");
  expect(admin?.paths.map((path) => path.steps[0]?.method)).toEqual(["password"]);
});

test("an agent too old to tell, or one that answers nonsense, leaves what was read and a reason", async () => {
  const whole = await host.read(agent);
  await host.write(agent, whole.replace("    facts) verb_facts ;;\n", ""), "755");
  await collect();
  expect(await viewOf()).toMatchObject({ isStale: true, failure: expect.stringContaining("too old") });
  await host.write(
    agent,
    "#!/bin/sh\nhead -c 1 >/dev/null\nprintf 'GATEHOUSE/1 ok 0 20000000\\n'\nexec cat /dev/zero\n",
    "755",
  );
  await collect();
  const view = await viewOf();
  expect(view.failure).toMatch(/the connection was cut/);
  expect(view.total).toBeGreaterThan(0);
  await host.write(agent, whole, "755");
  await collect();
  expect(await viewOf()).toMatchObject({ isStale: false, failure: null });
});
