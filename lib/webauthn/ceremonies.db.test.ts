import { afterEach, describe, expect, test, vi } from "vitest";
import { addPasskey, beginAddPasskey } from "@/lib/features/people/me-commands";
import { beginPasskeySignIn, signInWithPasskey } from "@/lib/features/people/sign-in-commands";
import { beginStepUp, stepUpWithPasskey } from "@/lib/features/people/step-up-commands";
import { Authenticator, type Lies } from "@/lib/testing/authenticator";
import { Browser } from "@/lib/testing/browser";
import { openDatabase } from "@/lib/testing/database";
import { addPerson } from "@/lib/testing/people";
import { finishRegistration } from "@/lib/webauthn/finish-registration";
import { startRegistration } from "@/lib/webauthn/start-registration";

const db = await openDatabase();
const origin = "http://localhost:3000";
const ann = await addPerson(db, "admin");
const bob = await addPerson(db, "operator");

/** A key that answers wrongly must leave the door open for the right answer to a new question. */
async function signsIn(): Promise<boolean> {
  const browser = new Browser();
  const { body } = await browser.send(beginPasskeySignIn);
  return (await browser.send(signInWithPasskey, { response: ann.key.get(body) })).status === 200;
}

/** What any ceremony must refuse, whatever else is right. */
const lies: [string, Lies][] = [
  ["another challenge", { challenge: Buffer.alloc(32, 1).toString("base64url") }],
  ["another origin", { origin: "http://localhost:3001" }],
  ["an origin that begins like ours", { origin: "http://localhost:30000" }],
  ["https in place of http", { origin: "https://localhost:3000" }],
  ["another relying party", { rpId: "example.com" }],
  ["crossOrigin without topOrigin", { crossOrigin: true }],
  ["crossOrigin with topOrigin", { crossOrigin: true, topOrigin: "https://evil.example" }],
  ["topOrigin alone", { topOrigin: "https://evil.example" }],
  ["no user verification", { userVerified: false }],
  ["no user presence", { userPresent: false }],
];

describe("sign-in refuses", () => {
  test.each<[string, Lies]>([
    ...lies,
    ["the answer of a registration", { type: "webauthn.create" }],
    ["no user handle", { userHandle: null }],
    ["another person's user handle", { userHandle: Buffer.alloc(32, 9).toString("base64url") }],
    ["another key's signature", { signingKey: bob.key.privateKey }],
    ["another person's credential id", { credentialId: bob.key.credentialId }],
    ["an unknown credential id", { credentialId: Buffer.alloc(32, 3).toString("base64url") }],
    ["a counter that does not grow", { counter: 1 }],
  ])("%s", async (_, lie) => {
    expect(await signsIn()).toBe(true);
    const browser = new Browser();
    const { body } = await browser.send(beginPasskeySignIn);
    const answer = await browser.send(signInWithPasskey, { response: ann.key.get(body, lie) });
    expect(answer).toMatchObject({ status: 401, code: "unauthenticated" });
    expect(browser.cookies.has("gatehouse-session-3000")).toBe(false);
    expect(await signsIn()).toBe(true);
  });

  test("the key of a person who is disabled", async () => {
    const gone = await addPerson(db, "member");
    await db.person.update({ where: { id: gone.id }, data: { disabledAt: new Date() } });
    const browser = new Browser();
    const { body } = await browser.send(beginPasskeySignIn);
    const answer = await browser.send(signInWithPasskey, { response: gone.key.get(body) });
    expect(answer).toMatchObject({ status: 401 });
  });

  test("garbage in every field, with an error and not a bug", async () => {
    const browser = new Browser();
    for (const field of ["clientDataJSON", "authenticatorData", "signature", "userHandle"]) {
      const { body } = await browser.send(beginPasskeySignIn);
      const right = ann.key.get(body);
      const response = { ...right, response: { ...right.response, [field]: "AAAA" } };
      expect((await browser.send(signInWithPasskey, { response })).status, field).toBe(401);
    }
  });
});

describe("a challenge", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test("is answered once: the same answer again is refused", async () => {
    const browser = new Browser();
    const { body } = await browser.send(beginPasskeySignIn);
    const response = ann.key.get(body);
    expect(await browser.send(signInWithPasskey, { response })).toMatchObject({ status: 200 });
    expect(await browser.send(signInWithPasskey, { response })).toMatchObject({ status: 410 });
  });

  test("is used up by a wrong answer, too", async () => {
    const browser = new Browser();
    const { body } = await browser.send(beginPasskeySignIn);
    await browser.send(signInWithPasskey, { response: ann.key.get(body, { userVerified: false }) });
    expect(await browser.send(signInWithPasskey, { response: ann.key.get(body) })).toMatchObject({
      status: 410,
    });
  });

  test("answered twenty times at once lets one in", async () => {
    const browser = new Browser();
    const { body } = await browser.send(beginPasskeySignIn);
    const answers = Array.from({ length: 20 }, () => ann.key.get(body)).map((response) =>
      browser.clone().send(signInWithPasskey, { response }),
    );
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(1);
    expect(statuses.filter((status) => status === 410).length).toBeGreaterThanOrEqual(19);
  });

  test("lives two minutes", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const browser = new Browser();
    const { body } = await browser.send(beginPasskeySignIn);
    const response = ann.key.get(body);
    vi.setSystemTime(Date.now() + 121_000);
    expect(await browser.send(signInWithPasskey, { response })).toMatchObject({ status: 410 });
  });

  test("is answered in the browser that asked, no other", async () => {
    const { body } = await new Browser().send(beginPasskeySignIn);
    const thief = new Browser();
    await thief.send(beginPasskeySignIn);
    // The thief has a visit and a challenge of his own; the answer is to another one.
    expect(await thief.send(signInWithPasskey, { response: ann.key.get(body) })).toMatchObject({
      status: 401,
    });
    expect(await new Browser().send(signInWithPasskey, { response: ann.key.get(body) })).toMatchObject({
      status: 410,
    });
  });

  test("for one purpose is not answered for another", async () => {
    const { body: signIn } = await ann.browser.send(beginPasskeySignIn);
    const forStepUp = await ann.browser.send(stepUpWithPasskey, { response: ann.key.get(signIn) });
    expect(forStepUp).toMatchObject({ status: 410 });
    const { body: stepUp } = await ann.browser.send(beginStepUp);
    const forSignIn = await ann.browser.clone().send(signInWithPasskey, { response: ann.key.get(stepUp) });
    expect(forSignIn.status).toBe(401);
  });

  test("for a new key is no challenge for a fresh touch, in the same session", async () => {
    await db.challenge.deleteMany({ where: { purpose: "step-up" } });
    const { body: create } = await ann.browser.send(beginAddPasskey);
    const response = ann.key.get({ challenge: create.challenge, rpId: "localhost" });
    expect(await ann.browser.send(stepUpWithPasskey, { response })).toMatchObject({ status: 410 });
  });
});

describe("step-up refuses", () => {
  test.each<[string, Lies]>([...lies, ["another key's signature", { signingKey: bob.key.privateKey }]])(
    "%s",
    async (_, lie) => {
      const { body } = await ann.browser.send(beginStepUp);
      const answer = await ann.browser.send(stepUpWithPasskey, { response: ann.key.get(body, lie) });
      expect(answer).toMatchObject({ status: 401 });
    },
  );

  test("another person's key, though it is registered here", async () => {
    const { body } = await ann.browser.send(beginStepUp);
    const response = bob.key.get(body);
    expect(await ann.browser.send(stepUpWithPasskey, { response })).toMatchObject({ status: 401 });
  });

  test("an answer that another session asked for", async () => {
    const { body } = await ann.browser.send(beginStepUp);
    const response = ann.key.get(body);
    expect(await bob.browser.send(stepUpWithPasskey, { response })).toMatchObject({ status: 410 });
  });
});

describe("registration refuses", () => {
  test.each<[string, Lies]>([
    ...lies,
    ["the answer of a sign-in", { type: "webauthn.get" }],
    ["an id that is not the one in the signed data", { credentialId: bob.key.credentialId }],
  ])("%s", async (_, lie) => {
    const before = await db.passkey.count();
    const { body } = await ann.browser.send(beginAddPasskey);
    const response = new Authenticator(origin).create(body, lie);
    expect(await ann.browser.send(addPasskey, { name: "New", response })).toMatchObject({ status: 401 });
    expect(await db.passkey.count()).toBe(before);
  });

  test.each(["tpm", "apple", "android-key", "android-safetynet", "gatehouse"])(
    "an attestation of the format %s unread: checking it would fetch from addresses that the sender chose",
    async (format) => {
      const waiting = { purpose: "add-passkey", boundTo: "test", now: new Date() } as const;
      const registrant = { login: "x", name: "X", userHandle: new Uint8Array(32), credentialIds: [] };
      const options = await startRegistration(db, registrant, waiting);
      const response = new Authenticator(origin).create(options, { attestationFormat: format });
      await expect(finishRegistration(db, response, waiting)).rejects.toMatchObject({
        code: "unauthenticated",
        detail: `attestation format ${format}`,
      });
    },
  );

  test("a credential that is registered already, for whomever", async () => {
    const { body } = await bob.browser.send(beginAddPasskey);
    const copy = new Authenticator(origin);
    await bob.browser.send(addPasskey, { name: "New", response: copy.create(body) });
    const again = await ann.browser.send(beginAddPasskey);
    const answer = await ann.browser.send(addPasskey, { name: "Mine", response: copy.create(again.body) });
    expect(answer).toMatchObject({ status: 409, code: "conflict" });
  });

  test("an answer that another session asked for", async () => {
    const { body } = await ann.browser.send(beginAddPasskey);
    const response = new Authenticator(origin).create(body);
    expect(await bob.browser.send(addPasskey, { name: "New", response })).toMatchObject({ status: 410 });
  });
});

test("asks for a discoverable key with user verification and no attestation, and names no keys at sign-in", async () => {
  const { body: create } = await ann.browser.send(beginAddPasskey);
  expect(create).toMatchObject({
    rp: { id: "localhost", name: "Gatehouse" },
    attestation: "none",
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    timeout: 120_000,
  });
  expect(create.pubKeyCredParams.map(({ alg }) => alg)).toEqual([-8, -7, -257]);
  const { body: get } = await new Browser().send(beginPasskeySignIn);
  expect(get).toMatchObject({ rpId: "localhost", userVerification: "required", allowCredentials: [] });
});
