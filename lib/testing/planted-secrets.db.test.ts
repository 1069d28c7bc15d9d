import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { generateSync } from "otplib";
import { afterAll, expect, test, vi } from "vitest";
import { now } from "@/lib/clock";
import { exportActivity, exportLines } from "@/lib/features/activity/commands";
import { listActivity } from "@/lib/features/activity/queries";
import { addHost } from "@/lib/features/hosts/commands";
import { makeKey } from "@/lib/features/hosts/enrol-jobs";
import { getHost, listHosts } from "@/lib/features/hosts/queries";
import { managementKeyPlace } from "@/lib/features/hosts/reach";
import { makeInvitation } from "@/lib/features/people/invitation";
import { beginTotp, changePassword, confirmTotp } from "@/lib/features/people/me-commands";
import { getMe, listPeople } from "@/lib/features/people/queries";
import { signInWithPassword, signInWithSecondFactor } from "@/lib/features/people/sign-in-commands";
import { getInstallation } from "@/lib/features/settings/queries";
import { log } from "@/lib/log";
import { workerSealer } from "@/lib/secrets/worker-sealer";
import { Browser } from "@/lib/testing/browser";
import { OwnCluster } from "@/lib/testing/own-cluster";
import { addPerson } from "@/lib/testing/people";
import { act } from "@/lib/usecase";

// Secrets of every kind go in through the product's own doors; then everything that a thief could copy is searched.

process.env.LOG_LEVEL = "debug";
process.env.LOG_FORMAT = "json";
const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-planted-"));
const cluster = await OwnCluster.open(folder);
const { db } = cluster;
afterAll(async () => {
  await cluster.close();
  rmSync(folder, { recursive: true });
});

let logged = "";
for (const stream of [process.stdout, process.stderr])
  vi.spyOn(stream, "write").mockImplementation((chunk) => {
    logged += chunk.toString();
    return true;
  });

/** Secrets by their names, and the answers that must hold them once are left out of `answers`. */
const secrets = new Map<string, string>();
const answers: string[] = [];
const keep = (body: unknown) => answers.push(JSON.stringify(body));

/** The forms in which a secret may have been written down. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const escaped = JSON.stringify(secret).slice(1, -1);
  return [...new Set([secret, escaped, bytes.toString("hex"), bytes.toString("base64").replace(/=+$/, "")])];
}

function find(where: string, bytes: Buffer): string[] {
  return [...secrets].flatMap(([name, secret]) =>
    formsOf(secret).some((form) => bytes.includes(form)) ? [`${name} in ${where}`] : [],
  );
}

test("no secret is found in the database's files, its log of writes, our logs, answers, errors or exports", async () => {
  const owner = await addPerson(db, "owner");
  const password = `plantedPassword${crypto.randomUUID()}`;
  secrets.set("password", password);
  keep((await owner.browser.send(changePassword, { password })).body);
  const totp = (await owner.browser.send(beginTotp)).body.secret.replaceAll(" ", "");
  secrets.set("TOTP secret", totp);
  const codes = await owner.browser.send(confirmTotp, { code: generateSync({ secret: totp }) });
  for (const code of codes.body.recoveryCodes ?? []) secrets.set(`recovery code ${secrets.size}`, code);
  const invitation = await makeInvitation(db, owner.id, now());
  secrets.set("invitation token", invitation.url.split("#")[1] ?? "");

  // Wrong in every way: what was typed must not come back, nor be logged.
  const wrongPassword = `plantedWrong${crypto.randomUUID()}`;
  secrets.set("mistyped password", wrongPassword);
  secrets.set("password typed as a name", `plantedName${crypto.randomUUID()}`);
  const stranger = new Browser("192.0.2.99");
  keep(await stranger.send(signInWithPassword, { login: owner.login, password: wrongPassword }));
  keep(await stranger.send(signInWithPassword, { login: secrets.get("password typed as a name"), password }));
  keep(await stranger.send(signInWithPassword, { login: [wrongPassword], password: { wrongPassword } }));
  const passed = await stranger.send(signInWithPassword, { login: owner.login, password });
  expect(passed.status).toBe(200);
  keep(passed);
  keep(await stranger.send(signInWithSecondFactor, { code: secrets.get("recovery code 3") ?? "000000" }));
  for (const [name, value] of [...owner.browser.cookies, ...stranger.cookies])
    secrets.set(`cookie ${name}`, value);

  const { body: host } = await owner.browser.send(addHost, {
    name: "web-1",
    address: "192.0.2.1",
    port: 22,
    way: "command",
  });
  await makeKey(host.hostId);
  const sealed = (await db.host.findUniqueOrThrow({ where: { id: host.hostId } })).managementKeySealed;
  if (!sealed) throw new Error("no key was made");
  const privateKey = workerSealer().openText(managementKeyPlace(host.hostId), sealed).reveal();
  secrets.set(
    "management key",
    privateKey.split("\n").find((line) => line.length > 40 && !line.includes("-")) ?? "",
  );
  for (const [name, secret] of secrets) expect(secret.length, name).toBeGreaterThan(8);
  expect(secrets.size).toBeGreaterThan(15);

  const { browser } = owner;
  keep((await browser.read(getMe)).body);
  keep((await browser.read(listPeople)).body);
  keep((await browser.read(listHosts)).body);
  keep((await browser.read(getInstallation)).body);
  keep((await browser.read(listActivity)).body);
  keep((await owner.browser.read(getHost, { hostId: host.hostId })).body);
  log.error("A bug that holds a secret", {
    error: new Error("x"),
    password,
    token: password,
    cookie: password,
  });

  const actor = {
    personId: owner.id,
    name: "O",
    login: owner.login,
    role: "owner",
    sessionId: crypto.randomUUID(),
    steppedUpAt: now(),
  } as const;
  const head = await act(exportActivity, {}, actor, { address: "192.0.2.1", userAgent: "Test" });
  let exported = "";
  for await (const piece of exportLines(db, head)) exported += piece;

  await db.$executeRawUnsafe("checkpoint");
  const places: [string, Buffer][] = [
    ["our logs", Buffer.from(logged)],
    ["the answers", Buffer.from(answers.join("\n"))],
    ["the export", Buffer.from(exported)],
  ];
  const root = path.join(folder, "pg");
  for (const name of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    const file = path.join(root, name);
    if (statSync(file, { throwIfNoEntry: false })?.isFile()) places.push([name, readFileSync(file)]);
  }
  const found = places.flatMap(([where, bytes]) => find(where, bytes));
  vi.restoreAllMocks();
  const wal = places.filter(([where]) => where.startsWith("pg_wal/")).length;
  console.log(
    JSON.stringify({
      test: "planted-secrets",
      secrets: secrets.size,
      places: places.length,
      wal,
      found: found.length,
    }),
  );
  // The search itself finds what is there: a login is no secret, and stands in tables and in the log of writes.
  secrets.clear();
  secrets.set("login", owner.login);
  const canary = places.flatMap(([where, bytes]) => find(where, bytes)).join("\n");
  expect(canary).toMatch(/pg_wal/);
  expect(canary).toMatch(/base/);
  expect(canary).toMatch(/the answers/);
  expect(found).toEqual([]);
}, 300_000);
