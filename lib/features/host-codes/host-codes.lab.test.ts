import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, type LabHost, openLab } from "@/e2e/lab/lab";
import { keyPath } from "@/e2e/lab/tree";
import { readAccess } from "@/lib/features/access/commands";
import {
  mendCode,
  mendForeignCode,
  readHostCodes,
  renewScratchCodes,
  resyncCode,
  rewriteCode,
} from "@/lib/features/host-codes/commands";
import { beginCodeFor, beginMyCode, confirmCode } from "@/lib/features/host-codes/enrol-commands";
import { getHostCodes, listMyHostCodes } from "@/lib/features/host-codes/queries";
import { revokeCode } from "@/lib/features/host-codes/revoke-commands";
import type { PlacedCodeView } from "@/lib/features/host-codes/views";
import { getLeaving } from "@/lib/features/key-fleet/leaving-queries";
import { offboardPerson } from "@/lib/features/key-fleet/offboard";
import { exceptAccount } from "@/lib/features/readiness/commands";
import { getReadiness } from "@/lib/features/readiness/queries";
import { enqueue } from "@/lib/jobs/enqueue";
import { fingerprint, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { hotpCode } from "@/lib/otp/hotp";
import { stepSeconds, totpCode } from "@/lib/otp/totp";
import { addActor, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { enrolLabHost } from "@/lib/testing/enrolled-host";
import { WorkerProcess } from "@/lib/testing/worker-process";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
const file = "/var/lib/google-authenticator/alice";
/** As PAM takes it; the shell that writes the line must not. */
const user = "{USER}";
let lab: Lab;
let worker: WorkerProcess;
let ada: Actor;
let carol: Actor;
let host: LabHost;
let hostId: string;

beforeAll(async () => {
  [lab, worker, ada, carol] = await Promise.all([
    openLab(),
    WorkerProcess.start(),
    addActor(db, "admin", "Ada"),
    addActor(db, "member", "Carol"),
  ]);
  host = await lab.start("bookworm");
  hostId = await enrolLabHost(db, host);
  await db.accountGrant.create({
    data: { personId: carol.personId, hostId, account: "alice", createdById: ada.personId },
  });
  // Else somebody unknown would get in as alice, whom her codes would shut out.
  await db.personKey.create({
    data: {
      ...{ personId: carol.personId, fingerprint: fingerprintOfLabKey(), type: "ssh-ed25519" },
      ...{ blob: Buffer.from("x"), bits: 256, name: "Laptop", origin: "pasted", provedAt: new Date() },
    },
  });
  await host.write(
    "/etc/ssh/sshd_config.d/10-codes.conf",
    "KbdInteractiveAuthentication yes\nMatch User alice\n\tAuthenticationMethods publickey,keyboard-interactive\nMatch all\n",
  );
  await host.exec(
    `sed -i 's/^@include common-auth/auth required pam_google_authenticator.so user=root secret=\\/var\\/lib\\/google-authenticator\\/$${user}/' /etc/pam.d/sshd; kill -HUP $(cat /run/sshd.pid)`,
  );
  await host.waitForSsh();
});
afterAll(async () => {
  await worker?.kill();
  await lab?.close();
});

const seconds = () => Math.floor(Date.now() / 1000);
const enter = async (code: string) => (await host.login("alice", { key: keyPath(), password: code })).ok;

/** The module counts tries in half a minute; the test makes more than a person would. */
const forgetTries = () => host.exec(`sed -i 's/^" RATE_LIMIT.*/" RATE_LIMIT 3 30/' ${file}`);

/** The one entry of a person's codes, when the host has answered. */
async function settled(person: Actor): Promise<PlacedCodeView | undefined> {
  const end = performance.now() + 90_000;
  for (;;) {
    const { codes } = await read(listMyHostCodes, {}, person, origin);
    if (codes.every(({ state }) => state !== "waiting")) return codes[0];
    if (performance.now() > end) throw new Error(`the host did not answer\n${worker.output}`);
    await sleep(100);
  }
}

async function done(person: Actor): Promise<PlacedCodeView> {
  const code = (await settled(person)) ?? expect.fail("there are no codes");
  expect(code.failure).toBeNull();
  return code;
}

/** A code of a step that was not used yet: of the next one, which the module takes as well. */
function nextCode(secret: string): string {
  return totpCode(secret, seconds() + stepSeconds);
}

let secret: string;
let scratchCodes: string[];

test("a member enrols: a wrong code counts for nothing; a right one brings the secret to the host, once", async () => {
  const shown = await act(beginMyCode, { places: [{ hostId, account: "alice" }] }, carol, origin);
  secret = shown.secret.replaceAll(" ", "");
  expect(shown.uri).toContain(`issuer=${host.name}`);
  await expect(act(confirmCode, { code: "000000" }, carol, origin)).rejects.toMatchObject({
    code: "invalid",
  });
  expect((await host.exec(`ls ${file}`)).code).not.toBe(0);
  const code = totpCode(secret, seconds());
  ({ scratchCodes } = await act(confirmCode, { code }, carol, origin));
  expect(scratchCodes).toHaveLength(5);
  await expect(act(confirmCode, { code }, carol, origin)).rejects.toMatchObject({ code: "expired" });
  const placed = await done(carol);
  expect(placed).toMatchObject({ scratchCodes: 5, problems: [], isAsked: true, kind: "totp" });
  expect(Math.abs(placed.clockOffsetSeconds ?? 99)).toBeLessThan(5);
  // The code that proved it is used up.
  expect(await enter(code)).toBe(false);
  expect(await enter(nextCode(secret))).toBe(true);
});

test("the last scratch codes are warned about; new ones replace them", async () => {
  await forgetTries();
  for (const code of scratchCodes.slice(0, 2)) expect(await enter(code)).toBe(true);
  expect(await enter(scratchCodes[0] ?? "")).toBe(false);
  await forgetTries();
  expect(await enter(scratchCodes[2] ?? "")).toBe(true);
  const before = await done(carol);
  await act(readHostCodes, { hostId }, ada, origin);
  await until(async () => (await done(carol)).readAt !== before.readAt);
  const { id, problems } = await done(carol);
  expect(problems).toMatchObject([{ remedy: "scratch", isBroken: false, text: "2 scratch codes are left." }]);
  const renewed = await act(renewScratchCodes, { placementId: id }, carol, origin);
  expect(await done(carol)).toMatchObject({ scratchCodes: 5, problems: [] });
  await forgetTries();
  expect(await enter(scratchCodes[3] ?? "")).toBe(false);
  expect(await enter(renewed.scratchCodes[0] ?? "")).toBe(true);
});

test("a file that is too open is mended, and one that was emptied is written anew", async () => {
  const look = async () => {
    const { readAt } = await done(carol);
    await act(readHostCodes, { hostId }, ada, origin);
    await until(async () => (await done(carol)).readAt !== readAt);
    return done(carol);
  };
  await host.exec(`chmod 644 ${file}`);
  const open = await look();
  expect(open.problems).toMatchObject([{ remedy: "mend", isBroken: true }]);
  await act(mendCode, { placementId: open.id }, carol, origin);
  expect((await done(carol)).problems).toEqual([]);
  await host.exec(`: >${file}`);
  const empty = await look();
  expect(empty.problems).toMatchObject([{ remedy: "write", isBroken: true }]);
  const before = seconds();
  const { scratchCodes: fresh } = await act(rewriteCode, { placementId: empty.id }, carol, origin);
  expect(fresh).toHaveLength(5);
  expect(await done(carol)).toMatchObject({ problems: [], scratchCodes: 5 });
  await forgetTries();
  // Codes that may have been used before are not taken again; a scratch code is.
  expect(await enter(totpCode(secret, before))).toBe(false);
  expect(await enter(fresh?.[0] ?? "")).toBe(true);
});

test("revoked, the codes are gone from the host, and the secret from the database", async () => {
  const { id } = await done(carol);
  await act(revokeCode, { placementId: id }, carol, origin);
  expect(await settled(carol)).toBeUndefined();
  expect((await host.exec(`ls ${file}`)).code).not.toBe(0);
  const row = await db.hostCodePlacement.findUniqueOrThrow({ where: { id }, include: { code: true } });
  expect([row.code.secretSealed.length, row.boxes]).toEqual([0, null]);
  const acts = await db.activity.findMany({
    where: { targetId: id },
    select: { action: true, outcome: true },
  });
  expect(acts).toContainEqual({ action: "host-code.revoke", outcome: "done" });
});

let token: string;

test("an admin enrols a token for somebody; skipped too far, two codes bring it back", async () => {
  const shown = await act(
    beginCodeFor,
    { personId: carol.personId, hostId, account: "alice", kind: "hotp" },
    ada,
    origin,
  );
  token = shown.secret.replaceAll(" ", "");
  await act(confirmCode, { code: hotpCode(token, 3) }, ada, origin);
  const { id, counter } = await done(carol);
  expect(counter).toBe(4);
  await forgetTries();
  expect(await enter(hotpCode(token, 4))).toBe(true);
  expect(await enter(hotpCode(token, 60))).toBe(false);
  const codes = { placementId: id, first: hotpCode(token, 61), second: hotpCode(token, 62) };
  await expect(
    act(resyncCode, { ...codes, first: codes.second, second: codes.first }, carol, origin),
  ).rejects.toMatchObject({ code: "invalid" });
  await act(resyncCode, codes, carol, origin);
  expect(await done(carol)).toMatchObject({ counter: 63, problems: [] });
  await forgetTries();
  expect(await enter(hotpCode(token, 62))).toBe(false);
  expect(await enter(hotpCode(token, 64))).toBe(true);
  const view = await read(getHostCodes, { hostId }, ada, origin);
  expect(view).toMatchObject({
    place: { isInForce: true, readAs: "root", hasModule: true },
    codes: [{ personName: "Carol", account: "alice" }],
    foreign: [],
  });
});

test("a state file that was made on the host is found; its mode is mended, its secret left alone", async () => {
  const foreign = "/var/lib/google-authenticator/bob";
  await host.exec(`sed '/GATEHOUSE/d' ${file} >${foreign}; chmod 604 ${foreign}`);
  const before = await host.read(foreign);
  const look = async () => (await read(getHostCodes, { hostId }, ada, origin)).foreign;
  await act(readHostCodes, { hostId }, ada, origin);
  await until(async () => (await look()).length === 1);
  expect(await look()).toMatchObject([{ account: "bob", kind: "hotp", problems: [{ remedy: "mend" }] }]);
  await act(mendForeignCode, { hostId, account: "bob" }, ada, origin);
  await until(async () => (await look())[0]?.problems.length === 0);
  expect(await host.read(foreign)).toBe(before);
  expect((await host.exec(`stat -c %a ${foreign}`)).stdout).toBe("400\n");
});

test("the host's own readings tell who is ready; the gate opens with exceptions", async () => {
  await act(readAccess, { hostId }, ada, origin);
  await act(readHostCodes, { hostId }, ada, origin);
  const look = () => read(getReadiness, { hostId }, ada, origin);
  // By the reading that was just asked for: until alice had codes she had no way in.
  await until(async () => {
    const { gaps, accounts } = await look();
    return gaps.length === 0 && accounts.length === 3;
  });
  const { accounts, mayRequire } = await look();
  expect(accounts.map(({ account, state, gaps }) => [account, state, gaps.map(({ code }) => code)])).toEqual([
    ["admin", "missing", ["no-second-factor"]],
    // Made on the host; a counter tells nothing of logins.
    ["bob", "missing", ["codes-not-proved"]],
    ["alice", "ready", []],
  ]);
  expect(mayRequire).toBe(false);
  const endsAt = new Date(Date.now() + 86_400_000).toISOString();
  for (const account of ["admin", "bob"])
    await act(exceptAccount, { hostId, account, reason: "A robot.", endsAt }, ada, origin);
  expect(await look()).toMatchObject({ mayRequire: true, ready: 1, excepted: 2 });
});

test("who leaves is refused by every code, on a host that was away as soon as it is back", async () => {
  const { id, counter } = await done(carol);
  const { port } = await db.host.findUniqueOrThrow({ where: { id: hostId } });
  // Nobody listens there: no heartbeat brings it back.
  await db.host.update({ where: { id: hostId }, data: { port: 1, reachable: false } });
  await act(offboardPerson, { personId: carol.personId, login: carol.login }, ada, origin);
  await forgetTries();
  const next = counter ?? expect.fail("no counter");
  // It is still there, and the page says so.
  expect(await enter(hotpCode(token, next))).toBe(true);
  const { codes } = await read(getLeaving, { personId: carol.personId }, ada, origin);
  expect(codes).toMatchObject([{ id, hostName: host.name, account: "alice" }]);
  await db.host.update({ where: { id: hostId }, data: { port, reachable: true } });
  // As the clock does each minute.
  await db.$transaction((tx) => enqueue(tx, "host-code.follow", {}));
  await until(async () => (await db.hostCodePlacement.count({ where: { id, endedAt: null } })) === 0);
  expect((await host.exec(`ls ${file}`)).code).not.toBe(0);
  expect(await enter(hotpCode(token, next + 1))).toBe(false);
  expect((await read(getLeaving, { personId: carol.personId }, ada, origin)).codes).toEqual([]);
});

function fingerprintOfLabKey(): string {
  const { blob } = parsePublicKey(readFileSync(`${keyPath()}.pub`, "utf8")) ?? expect.fail("no key");
  return fingerprint(blob);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 90_000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`it did not come about\n${worker.output}`);
    await sleep(100);
  }
}
