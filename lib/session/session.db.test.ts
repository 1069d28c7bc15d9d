import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  addPasskey,
  beginAddPasskey,
  removePasskey,
  renewRecoveryCodes,
  revokeOtherSessions,
  revokeSession,
} from "@/lib/features/people/me-commands";
import { getMe, getViewer } from "@/lib/features/people/queries";
import { signOut } from "@/lib/features/people/sign-in-commands";
import { Authenticator } from "@/lib/testing/authenticator";
import type { Browser } from "@/lib/testing/browser";
import { openDatabase } from "@/lib/testing/database";
import { addPerson, forgetStepUp, signIn, stepUp } from "@/lib/testing/people";

const db = await openDatabase();
const cookie = "gatehouse-session-3000";
const hours = 3_600_000;
const person = await addPerson(db, "operator");

const isIn = async (browser: Browser) => (await browser.read(getViewer)).status === 200;
const pass = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  await db.throttle.deleteMany();
  person.browser.cookies.clear();
  await signIn(person, person.browser);
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a session's token", () => {
  test("is 256 random bits, and only its hash is stored", async () => {
    const token = person.browser.cookies.get(cookie)!;
    expect(Buffer.from(token, "base64url")).toHaveLength(32);
    const hash = createHash("sha256").update(token).digest();
    expect(await db.session.count({ where: { tokenHash: hash } })).toBe(1);
    const rows = await db.$queryRaw<{ row: string }[]>`select s::text as row from "Session" s`;
    expect(rows.map(({ row }) => row).join()).not.toContain(token);
  });

  test("that an attacker planted before the sign-in is not the one after it", async () => {
    const browser = person.browser.clone();
    browser.cookies.set(cookie, "planted");
    await signIn(person, browser);
    expect(browser.cookies.get(cookie)).not.toBe("planted");
    const thief = person.browser.clone();
    thief.cookies.set(cookie, "planted");
    expect(await isIn(thief)).toBe(false);
  });

  test("is a new one after a step-up, and the copied one is dead", async () => {
    const thief = person.browser.clone();
    await stepUp(person);
    expect(await isIn(person.browser)).toBe(true);
    expect(await isIn(thief)).toBe(false);
  });
});

describe("a session ends", () => {
  test("twelve hours after its last use", async () => {
    pass(11 * hours);
    expect(await isIn(person.browser)).toBe(true);
    pass(11 * hours);
    expect(await isIn(person.browser)).toBe(true);
    pass(12 * hours + 1000);
    expect(await isIn(person.browser)).toBe(false);
  });

  test("after seven days, however much it is used", async () => {
    for (let used = 0; used < 7 * 24 - 6; used += 6) {
      pass(6 * hours);
      expect(await isIn(person.browser), `hour ${used + 6}`).toBe(true);
    }
    await stepUp(person);
    pass(6 * hours + 1000);
    expect(await isIn(person.browser)).toBe(false);
  });

  test("at sign-out, in the database and in the browser", async () => {
    const thief = person.browser.clone();
    await person.browser.send(signOut);
    expect(person.browser.cookies.has(cookie)).toBe(false);
    expect(await isIn(thief)).toBe(false);
  });

  test("when it is revoked from another one, and stays when somebody else tries", async () => {
    const other = await signIn(person);
    const { body } = await other.read(getMe);
    const sessionId = body.sessions.find(({ current }) => current)!.id;
    const stranger = await addPerson(db, "owner");
    const refused = await stranger.browser.send(revokeSession, {}, { params: { sessionId } });
    expect(refused).toMatchObject({ status: 404 });
    expect(await isIn(other)).toBe(true);
    expect(await person.browser.send(revokeSession, {}, { params: { sessionId } })).toMatchObject({
      status: 200,
    });
    expect(await isIn(other)).toBe(false);
  });

  test("with all others at once", async () => {
    const others = [await signIn(person), await signIn(person)];
    await person.browser.send(revokeOtherSessions);
    expect(await Promise.all(others.map(isIn))).toEqual([false, false]);
    expect(await isIn(person.browser)).toBe(true);
  });

  test("the moment the person is disabled", async () => {
    const gone = await addPerson(db, "member");
    await db.person.update({ where: { id: gone.id }, data: { disabledAt: new Date() } });
    expect(await isIn(gone.browser)).toBe(false);
  });

  test.each(["a passkey is added", "a passkey is removed", "recovery codes are renewed"])(
    "everywhere else when %s",
    async (what) => {
      const other = await signIn(person);
      if (what === "recovery codes are renewed") await person.browser.send(renewRecoveryCodes);
      else {
        const { body } = await person.browser.send(beginAddPasskey);
        const response = new Authenticator("http://localhost:3000").create(body);
        const added = await person.browser.send(addPasskey, { name: "Second", response });
        if (what === "a passkey is removed") {
          await signIn(person, other);
          const { passkeyId } = added.body;
          expect(await person.browser.send(removePasskey, {}, { params: { passkeyId } })).toMatchObject({
            status: 200,
          });
        }
      }
      expect(await isIn(other)).toBe(false);
      expect(await isIn(person.browser)).toBe(true);
    },
  );
});

test("a fresh touch holds ten minutes and does not slide", async () => {
  pass(9 * 60_000);
  expect(await person.browser.send(renewRecoveryCodes)).toMatchObject({ status: 200 });
  pass(61_000);
  expect(await person.browser.send(renewRecoveryCodes)).toMatchObject({ code: "step_up_required" });
  await stepUp(person);
  expect(await person.browser.send(renewRecoveryCodes)).toMatchObject({ status: 200 });
});

test("the last passkey stays while there is no other way in, also when two are removed at once", async () => {
  const lonely = await addPerson(db, "member");
  const { body } = await lonely.browser.send(beginAddPasskey);
  await lonely.browser.send(addPasskey, {
    name: "Second",
    response: new Authenticator("http://localhost:3000").create(body),
  });
  const keys = await db.passkey.findMany({ where: { personId: lonely.id } });
  const answers = await Promise.all(
    keys.map(({ id }) => lonely.browser.send(removePasskey, {}, { params: { passkeyId: id } })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect(await db.passkey.count({ where: { personId: lonely.id } })).toBe(1);
});

test("nobody removes another person's passkey", async () => {
  const other = await addPerson(db, "member");
  const key = await db.passkey.findFirstOrThrow({ where: { personId: other.id } });
  const owner = await addPerson(db, "owner");
  const answer = await owner.browser.send(removePasskey, {}, { params: { passkeyId: key.id } });
  expect(answer).toMatchObject({ status: 404, code: "not_found" });
});

test("without a fresh touch no factor changes", async () => {
  await forgetStepUp(db, person);
  const refused = { status: 403, code: "step_up_required" };
  expect(await person.browser.send(renewRecoveryCodes)).toMatchObject(refused);
  expect(await person.browser.send(beginAddPasskey)).toMatchObject(refused);
});
