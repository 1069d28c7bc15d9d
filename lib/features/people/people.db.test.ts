import { generateSync } from "otplib";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  disablePerson,
  enablePerson,
  invitePerson,
  renewInvitation,
  setRole,
  signPersonOut,
} from "@/lib/features/people/commands";
import {
  beginJoinWithPasskey,
  confirmJoinWithPassword,
  joinWithPasskey,
  joinWithPassword,
} from "@/lib/features/people/invitation-commands";
import { getViewer, listPeople } from "@/lib/features/people/queries";
import { Authenticator } from "@/lib/testing/authenticator";
import { Browser } from "@/lib/testing/browser";
import { openDatabase } from "@/lib/testing/database";
import { addPerson, type TestPerson } from "@/lib/testing/people";

const db = await openDatabase();
const owner = await addPerson(db, "owner");
const admin = await addPerson(db, "admin");
const at = (person: { id: string }) => ({ params: { personId: person.id } });
const tokenOf = (url: string) => url.split("#")[1]!;
const isIn = async ({ browser }: TestPerson) => (await browser.read(getViewer)).status === 200;

let count = 0;
async function invite(role = "operator") {
  count += 1;
  const answer = await admin.browser.send(invitePerson, { login: `guest${count}`, name: "Guest", role });
  expect(answer.status).toBe(200);
  return { ...answer.body, id: answer.body.personId, token: tokenOf(answer.body.url) };
}

/** Up to the answer of a new key. */
async function begin(token: string, browser = new Browser()) {
  const options = await browser.send(beginJoinWithPasskey, { token });
  return () =>
    browser.send(joinWithPasskey, {
      token,
      response: new Authenticator("http://localhost:3000").create(options.body),
    });
}

beforeEach(async () => {
  await db.throttle.deleteMany();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("an invitation", () => {
  test("lets a person in by a key of his own, with the role that was given", async () => {
    const { token, url } = await invite("auditor");
    expect(url).toMatch(/^http:\/\/localhost:3000\/invitation#[\w-]{43}$/);
    const browser = new Browser();
    expect(await (await begin(token, browser))()).toMatchObject({ status: 200 });
    expect((await browser.read(getViewer)).body).toMatchObject({ name: "Guest", role: "auditor" });
  });

  test("lets a person in by a password, once a code proves his app", async () => {
    const { token, id } = await invite();
    const browser = new Browser();
    const begun = await browser.send(joinWithPassword, { token, password: "a sentence is easy" });
    expect(await db.person.findUnique({ where: { id } })).toMatchObject({ passwordHash: null });
    const code = generateSync({ secret: begun.body.totp.secret.replaceAll(" ", "") });
    const done = await browser.send(confirmJoinWithPassword, { code });
    expect(done.body.recoveryCodes).toHaveLength(10);
    expect((await browser.read(getViewer)).status).toBe(200);
  });

  test("is used once, also when twenty answer at the same moment", async () => {
    const { token, id } = await invite();
    const finishes = await Promise.all(Array.from({ length: 20 }, () => begin(token)));
    const answers = await Promise.all(finishes.map((finish) => finish()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await db.passkey.count({ where: { personId: id } })).toBe(1);
  });

  test("is void after three days, after a newer one, and when the person is disabled", async () => {
    const old = await invite();
    const newer = await admin.browser.send(renewInvitation, {}, at(old));
    expect(await new Browser().send(beginJoinWithPasskey, { token: old.token })).toMatchObject({
      status: 410,
    });
    const token = tokenOf(newer.body.url);
    const finish = await begin(token);
    await admin.browser.send(disablePerson, {}, at(old));
    expect(await finish()).toMatchObject({ status: 410 });

    const late = await invite();
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(Date.now() + 3 * 24 * 3_600_000);
    expect(await new Browser().send(beginJoinWithPasskey, { token: late.token })).toMatchObject({
      status: 410,
    });
  });

  test("of one person does not take the key that was begun for another", async () => {
    const [one, two] = [await invite(), await invite()];
    const browser = new Browser();
    const { body } = await browser.send(beginJoinWithPasskey, { token: one.token });
    const response = new Authenticator("http://localhost:3000").create(body);
    expect(await browser.send(joinWithPasskey, { token: two.token, response })).toMatchObject({
      status: 401,
    });
  });

  test("is stored as a hash only", async () => {
    const { token } = await invite();
    const rows = await db.$queryRaw<{ row: string }[]>`select i::text as row from "Invitation" i`;
    expect(rows.map(({ row }) => row).join()).not.toContain(token);
  });

  test("that lets a person back in ends the sessions of his lost keys", async () => {
    const person = await addPerson(db, "member");
    const { body } = await admin.browser.send(renewInvitation, {}, at(person));
    await (await begin(tokenOf(body.url)))();
    expect(await isIn(person)).toBe(false);
  });
});

describe("an admin", () => {
  test.each([
    ["make an owner", () => admin.browser.send(invitePerson, { login: "x", name: "X", role: "owner" })],
    [
      "make somebody an owner",
      async () => admin.browser.send(setRole, { role: "owner" }, at(await invite())),
    ],
    ["take an owner's role", () => admin.browser.send(setRole, { role: "member" }, at(owner))],
    ["disable an owner", () => admin.browser.send(disablePerson, {}, at(owner))],
    ["make a link that lets him in as an owner", () => admin.browser.send(renewInvitation, {}, at(owner))],
    ["sign an owner out", () => admin.browser.send(signPersonOut, {}, at(owner))],
  ])("cannot %s", async (_, attempt) => {
    expect(await attempt()).toMatchObject({ status: 403, code: "forbidden" });
    expect(await isIn(owner)).toBe(true);
  });

  test("gives roles, disables, enables and signs out", async () => {
    const person = await addPerson(db, "member");
    expect(await admin.browser.send(setRole, { role: "operator" }, at(person))).toMatchObject({
      status: 200,
    });
    expect((await person.browser.read(getViewer)).body.role).toBe("operator");
    await admin.browser.send(signPersonOut, {}, at(person));
    expect(await isIn(person)).toBe(false);
    await admin.browser.send(disablePerson, {}, at(person));
    const rows = async () => (await admin.browser.read(listPeople)).body.rows;
    expect((await rows()).find(({ id }) => id === person.id)).toMatchObject({ disabled: true });
    await admin.browser.send(enablePerson, {}, at(person));
    expect((await rows()).find(({ id }) => id === person.id)).toMatchObject({ disabled: false });
  });

  test("is told that a login is taken, and that a person does not exist", async () => {
    const taken = await admin.browser.send(invitePerson, { login: owner.login, name: "X", role: "member" });
    expect(taken).toMatchObject({ status: 409, code: "conflict" });
    const nobody = await admin.browser.send(disablePerson, {}, at({ id: crypto.randomUUID() }));
    expect(nobody).toMatchObject({ status: 404, code: "not_found" });
  });

  test("who invites somebody at the same moment as another one is told so", async () => {
    const input = { login: "twice", name: "X", role: "member" };
    const answers = await Promise.all([admin, owner].map(({ browser }) => browser.send(invitePerson, input)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  test("cannot disable himself", async () => {
    expect(await admin.browser.send(disablePerson, {}, at(admin))).toMatchObject({ status: 409 });
  });
});

describe("the last owner", () => {
  test("cannot step down, nor count on one who has no way in", async () => {
    const asleep = await owner.browser.send(invitePerson, { login: "asleep", name: "Asleep", role: "owner" });
    expect(asleep.status).toBe(200);
    const answer = await owner.browser.send(setRole, { role: "admin" }, at(owner));
    expect(answer).toMatchObject({ status: 409, code: "conflict" });
  });

  test("of two who step down at once, one stays", async () => {
    const second = await addPerson(db, "owner");
    const answers = await Promise.all([
      owner.browser.send(setRole, { role: "admin" }, at(owner)),
      second.browser.send(setRole, { role: "admin" }, at(second)),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const left = answers[0]?.status === 200 ? second : owner;
    const gone = left === owner ? second : owner;
    await left.browser.send(setRole, { role: "owner" }, at(gone));
  });

  test("of two who disable each other at once, one stays", async () => {
    const second = await addPerson(db, "owner");
    await Promise.all([
      owner.browser.send(disablePerson, {}, at(second)),
      second.browser.send(disablePerson, {}, at(owner)),
    ]);
    const ways = { role: "owner", disabledAt: null, passkeys: { some: {} } } as const;
    expect(await db.person.count({ where: ways })).toBeGreaterThanOrEqual(1);
  });
});
