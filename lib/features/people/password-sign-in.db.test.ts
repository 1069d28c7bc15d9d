import { generateSync } from "otplib";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  beginTotp,
  changePassword,
  confirmTotp,
  renewRecoveryCodes,
} from "@/lib/features/people/me-commands";
import { getViewer } from "@/lib/features/people/queries";
import { spendRecoveryCode } from "@/lib/features/people/recovery-codes";
import { signInWithPassword, signInWithSecondFactor } from "@/lib/features/people/sign-in-commands";
import { stepUpWithCode } from "@/lib/features/people/step-up-commands";
import { spendTotpCode } from "@/lib/features/people/totp-factor";
import { Browser } from "@/lib/testing/browser";
import { openDatabase } from "@/lib/testing/database";
import { addPerson, forgetStepUp, signIn } from "@/lib/testing/people";

const db = await openDatabase();
const password = "a sentence is easy";
const person = await addPerson(db, "operator");
await person.browser.send(changePassword, { password });
const { body: enrolment } = await person.browser.send(beginTotp);
const secret = enrolment.secret.replaceAll(" ", "");

/** The code of a moment; codes are used once, so each test takes another half minute. */
let moment = Math.floor(Date.now() / 1000);
function nextCode(): string {
  moment += 60;
  vi.setSystemTime(moment * 1000);
  return generateSync({ secret, epoch: moment });
}

vi.useFakeTimers({ toFake: ["Date"] });
const { body: confirmed } = await person.browser.send(confirmTotp, { code: nextCode() });

beforeEach(async () => {
  await db.throttle.deleteMany();
});
afterEach(() => {
  vi.setSystemTime(moment * 1000);
});

const login = person.login;
async function passed(browser = new Browser()): Promise<Browser> {
  const answer = await browser.send(signInWithPassword, { login, password });
  expect(answer).toMatchObject({ status: 200, body: { next: "second_factor" } });
  return browser;
}

describe("sign-in by password and code", () => {
  test("lets in who knows the password and has the app", async () => {
    const browser = await passed();
    expect(await browser.read(getViewer)).toMatchObject({ status: 401 });
    expect(await browser.send(signInWithSecondFactor, { code: nextCode() })).toMatchObject({ status: 200 });
    expect((await browser.read(getViewer)).body).toMatchObject({ login });
  });

  test("gives recovery codes with the first app, and leaves them alone with the next", async () => {
    expect(confirmed.recoveryCodes).toHaveLength(10);
    const left = () => db.recoveryCode.findMany({ where: { personId: person.id }, orderBy: { id: "asc" } });
    const before = await left();
    const other = await addPerson(db, "member");
    const begun = await other.browser.send(beginTotp);
    const own = () =>
      generateSync({ secret: begun.body.secret.replaceAll(" ", ""), epoch: Date.now() / 1000 });
    expect((await other.browser.send(confirmTotp, { code: own() })).body.recoveryCodes).toHaveLength(10);
    const again = await other.browser.send(beginTotp);
    const code = generateSync({ secret: again.body.secret.replaceAll(" ", ""), epoch: Date.now() / 1000 });
    expect((await other.browser.send(confirmTotp, { code })).body).toEqual({});
    expect(await left()).toEqual(before);
  });

  test("an app that was not proved changes nothing: the old one goes on", async () => {
    const browser = await freshSession();
    await browser.send(beginTotp);
    expect(await browser.send(confirmTotp, { code: "000000" })).toMatchObject({
      status: 400,
      code: "invalid",
    });
    expect(await (await passed()).send(signInWithSecondFactor, { code: nextCode() })).toMatchObject({
      status: 200,
    });
  });

  test("answers a wrong name and a wrong password alike", async () => {
    const wrongPassword = await new Browser().send(signInWithPassword, { login, password: "wrong" });
    const wrongName = await new Browser().send(signInWithPassword, { login: "nobody", password });
    expect(wrongPassword.status).toBe(401);
    expect(wrongName.body).toEqual(wrongPassword.body);
  });

  test("a person without an app for codes is answered like a wrong password", async () => {
    const other = await addPerson(db, "member");
    await other.browser.send(changePassword, { password });
    const answer = await new Browser().send(signInWithPassword, { login: other.login, password });
    expect(answer).toMatchObject({ status: 401, code: "unauthenticated" });
  });

  test("a code without a password before it is nothing", async () => {
    const answer = await new Browser().send(signInWithSecondFactor, { code: nextCode() });
    expect(answer).toMatchObject({ status: 410, code: "expired" });
  });

  test("a code in another browser than the password is nothing", async () => {
    await passed();
    const answer = await new Browser().send(signInWithSecondFactor, { code: nextCode() });
    expect(answer.status).toBe(410);
  });

  test("of a hundred parallel uses of one code, one is right", async () => {
    const code = nextCode();
    const uses = Array.from({ length: 100 }, () => spendTotpCode(db, person.id, code, new Date()));
    expect((await Promise.all(uses)).filter(Boolean)).toHaveLength(1);
  });

  test("a code that let one browser in lets no other one in", async () => {
    const [one, two] = [await passed(), await passed()];
    const code = nextCode();
    const answers = await Promise.all([one, two].map((b) => b.send(signInWithSecondFactor, { code })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
  });

  test("of a hundred parallel uses of one recovery code, one is right", async () => {
    const { body } = await (await freshSession()).send(renewRecoveryCodes);
    const typed = body.codes[0]!.toUpperCase().replaceAll("-", " ");
    const uses = Array.from({ length: 100 }, () => spendRecoveryCode(db, person.id, typed, new Date()));
    expect((await Promise.all(uses)).filter(Boolean)).toHaveLength(1);
    expect(await db.recoveryCode.count({ where: { personId: person.id, usedAt: null } })).toBe(9);
  });

  test("a recovery code works once, and the codes before it no more", async () => {
    const browser = await freshSession();
    const { body: old } = await browser.send(renewRecoveryCodes);
    const { body } = await browser.send(renewRecoveryCodes);
    const use = async (recoveryCode?: string) =>
      (await (await passed()).send(signInWithSecondFactor, { recoveryCode })).status;
    expect(await use(old.codes[0])).toBe(401);
    expect(await use(body.codes[0])).toBe(200);
    expect(await use(body.codes[0])).toBe(401);
  });
});

describe("guessing", () => {
  test("two hundred parallel guesses of a password count two hundred, and ten of them are looked at", async () => {
    const guesses = Array.from({ length: 200 }, (_, i) =>
      new Browser(`203.0.113.${i}`).send(signInWithPassword, { login, password: `guess ${i}` }),
    );
    const answers = await Promise.all(guesses);
    const counter = await db.throttle.findFirstOrThrow({ where: { key: { startsWith: "password:" } } });
    expect(counter.failures).toBe(200);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(190);
  }, 60_000);

  test("under attack the right password waits, says for how long, and works when that has passed", async () => {
    for (let i = 0; i < 14; i++) {
      await new Browser(`203.0.113.${i}`).send(signInWithPassword, { login, password: "guess" });
      vi.setSystemTime(Date.now() + 1_000);
    }
    const refused = await new Browser().send(signInWithPassword, { login, password });
    expect(refused).toMatchObject({ status: 429, code: "throttled" });
    const seconds = Number(refused.headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(900);
    vi.setSystemTime(Date.now() + seconds * 1000);
    expect(await new Browser().send(signInWithPassword, { login, password })).toMatchObject({ status: 200 });
  });

  test("an attack on the password leaves the passkey open", async () => {
    for (let i = 0; i < 30; i++)
      await new Browser(`203.0.113.${i}`).send(signInWithPassword, { login, password: "guess" });
    expect(await new Browser().send(signInWithPassword, { login, password })).toMatchObject({ status: 429 });
    await expect(signIn(person)).resolves.toBeInstanceOf(Browser);
  });

  test("codes are counted apart: after ten wrong ones the next waits, in any browser", async () => {
    const browser = await passed();
    for (let i = 0; i < 10; i++)
      expect((await browser.send(signInWithSecondFactor, { code: "000000" })).status).toBe(401);
    const other = await passed();
    expect(await other.send(signInWithSecondFactor, { code: nextCodeNow() })).toMatchObject({ status: 429 });
  });

  test("one address cannot try many names", async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 60; i++)
      statuses.push((await new Browser().send(signInWithPassword, { login: `n${i}`, password: "x" })).status);
    expect(statuses.slice(0, 50).every((status) => status === 401)).toBe(true);
    expect(statuses.slice(-1)).toEqual([429]);
  }, 60_000);

  test("the activity does not hold a name that does not exist: it may be a password", async () => {
    await new Browser().send(signInWithPassword, { login: "my-secret-passphrase", password: "x" });
    const row = await db.activity.findFirstOrThrow({ orderBy: { seq: "desc" } });
    expect(row).toMatchObject({ action: "session.check-password", outcome: "refused", actorName: "" });
    expect(JSON.stringify(row.detail)).not.toContain("my-secret");
  });
});

describe("step-up by password and code", () => {
  test("needs both, and a wrong password does not use the code up", async () => {
    const browser = await freshSession();
    await forgetStepUp(db, person);
    const code = nextCode();
    expect(await browser.send(stepUpWithCode, { password: "wrong", code })).toMatchObject({ status: 403 });
    expect(await browser.send(stepUpWithCode, { password, code: "000000" })).toMatchObject({ status: 403 });
    expect(await browser.send(renewRecoveryCodes)).toMatchObject({ code: "step_up_required" });
    expect(await browser.send(stepUpWithCode, { password, code })).toMatchObject({ status: 200 });
    expect(await browser.send(renewRecoveryCodes)).toMatchObject({ status: 200 });
  });
});

/** A code that is right at this moment of the test's clock, whatever it is. */
function nextCodeNow(): string {
  return generateSync({ secret, epoch: Math.floor(Date.now() / 1000) });
}

function freshSession(): Promise<Browser> {
  return signIn(person);
}
