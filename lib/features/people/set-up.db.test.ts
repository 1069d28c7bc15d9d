import { createHash } from "node:crypto";
import { generateSync } from "otplib";
import { beforeEach, describe, expect, test } from "vitest";
import { getMe, getViewer } from "@/lib/features/people/queries";
import {
  beginSetUpWithPasskey,
  confirmSetUpWithPassword,
  setUpWithPasskey,
  setUpWithPassword,
} from "@/lib/features/people/set-up-commands";
import { Authenticator } from "@/lib/testing/authenticator";
import { Browser } from "@/lib/testing/browser";
import { openDatabase } from "@/lib/testing/database";

const db = await openDatabase();
const origin = "http://localhost:3000";
const token = "abc123-def456-ghj789-kmn012";
const who = { token, login: "ann", name: "Ann" };
const minutes = (count: number) => new Date(Date.now() + count * 60_000);

async function putToken(expiresAt: Date): Promise<void> {
  const data = {
    setupTokenHash: createHash("sha256").update(token).digest(),
    setupExpiresAt: expiresAt,
    setUpAt: null,
  };
  await db.installation.upsert({ where: { id: 1 }, create: { id: 1, ...data }, update: data });
}

beforeEach(async () => {
  await db.person.deleteMany();
  await db.throttle.deleteMany();
  await putToken(minutes(15));
});

/** Everything up to the answer of the key. */
async function begin(browser: Browser) {
  const options = await browser.send(beginSetUpWithPasskey, who);
  return () =>
    browser.send(setUpWithPasskey, { ...who, response: new Authenticator(origin).create(options.body) });
}

describe("set-up", () => {
  test("with a passkey makes an owner, who is signed in", async () => {
    const browser = new Browser();
    const answer = await (await begin(browser))();
    expect(answer).toMatchObject({ status: 200, body: {} });
    const viewer = await browser.read(getViewer);
    expect(viewer.body).toMatchObject({ login: "ann", name: "Ann", role: "owner", hasPasskey: true });
  });

  test("with a password makes nobody until a code proves the second factor", async () => {
    const browser = new Browser();
    const begun = await browser.send(setUpWithPassword, { ...who, password: "a sentence is easy" });
    expect(begun.body.totp.qr).toMatch(/^data:image\/svg\+xml;base64,/);
    expect(await db.person.count()).toBe(0);
    const wrong = await browser.send(confirmSetUpWithPassword, { code: "000000" });
    expect(wrong).toMatchObject({ status: 400, code: "invalid" });
    expect(await db.person.count()).toBe(0);

    const code = generateSync({ secret: begun.body.totp.secret.replaceAll(" ", "") });
    const done = await browser.send(confirmSetUpWithPassword, { code });
    expect(done.status).toBe(200);
    expect(done.body.recoveryCodes).toHaveLength(10);
    const me = await browser.read(getMe);
    expect(me.body).toMatchObject({
      role: "owner",
      hasPassword: true,
      totp: { confirmed: true },
      recoveryCodesLeft: 10,
    });
  });

  test("keeps no secret of a waiting set-up readable in the database", async () => {
    const browser = new Browser();
    const begun = await browser.send(setUpWithPassword, { ...who, password: "a sentence is easy" });
    const rows = await db.$queryRaw<
      { text: string }[]
    >`select encode("stateSealed", 'escape') as text from "Challenge"`;
    const secret = begun.body.totp.secret.replaceAll(" ", "");
    expect(rows.length).toBeGreaterThan(0);
    for (const { text } of rows) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain("argon2");
    }
  });

  test("refuses a token that is wrong, and one that is too old", async () => {
    const wrong = await new Browser().send(beginSetUpWithPasskey, { ...who, token: "a".repeat(27) });
    expect(wrong).toMatchObject({ status: 401, code: "unauthenticated" });
    await putToken(minutes(-1));
    const late = await new Browser().send(beginSetUpWithPasskey, who);
    expect(late).toMatchObject({ status: 401, code: "unauthenticated" });
  });

  test("refuses a key's answer when the token has run out meanwhile", async () => {
    const finish = await begin(new Browser());
    await putToken(minutes(-1));
    expect(await finish()).toMatchObject({ status: 401 });
    expect(await db.person.count()).toBe(0);
  });

  test("is closed for good once there is an owner, with the same token too", async () => {
    const late = await begin(new Browser());
    await (await begin(new Browser()))();
    expect(await late()).toMatchObject({ status: 409, code: "conflict" });
    expect(await new Browser().send(beginSetUpWithPasskey, who)).toMatchObject({ status: 409 });
    expect(await db.person.count()).toBe(1);
  });

  test("raced fifty times makes one owner", async () => {
    const finishes = await Promise.all(Array.from({ length: 50 }, () => begin(new Browser())));
    const answers = await Promise.all(finishes.map((finish) => finish()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(49);
    expect(await db.person.count()).toBe(1);
    expect(await db.session.count()).toBe(1);
  });

  test("is bound to the browser that began it", async () => {
    const browser = new Browser();
    const options = await browser.send(beginSetUpWithPasskey, who);
    const response = new Authenticator(origin).create(options.body);
    const thief = await new Browser().send(setUpWithPasskey, { ...who, response });
    expect(thief).toMatchObject({ status: 410, code: "expired" });
  });
});
