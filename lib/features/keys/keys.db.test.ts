import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { beginKeyClaim, claimKey } from "@/lib/features/keys/claim-commands";
import { addKey, removeKey, renameKey } from "@/lib/features/keys/key-commands";
import { addPersonKey, removePersonKey, renamePersonKey } from "@/lib/features/keys/person-key-commands";
import { beginKeyProof, proveKey } from "@/lib/features/keys/proof-commands";
import { getPersonKeys, listMyKeys } from "@/lib/features/keys/queries";
import { listKeyOwners } from "@/lib/features/people/key-owners";
import { openDatabase } from "@/lib/testing/database";
import { startKeygen } from "@/lib/testing/keygen";
import { addPerson, forgetStepUp, type TestPerson } from "@/lib/testing/people";
import { SoftSecurityKey } from "@/lib/testing/security-key";
import { startSecurityKeyAgent } from "@/lib/testing/security-key-agent";

const db = await openDatabase();
const keygen = startKeygen();
afterAll(() => keygen.remove());
const ann = await addPerson(db, "member");
const bob = await addPerson(db, "member");
const admin = await addPerson(db, "admin");
const auditor = await addPerson(db, "auditor");
const owner = await addPerson(db, "owner");

let count = 0;
/** A fresh key pair `name`, and its public line. */
function makeKey(type = "ed25519") {
  const name = `key${++count}`;
  return { name, line: keygen.generate(name, type) };
}

async function addTo(person: TestPerson, line: string): Promise<string> {
  const answer = await person.browser.send(addKey, { name: "Laptop", line });
  if (answer.status !== 200) throw new Error(answer.message);
  return answer.body.keyId;
}

/** What the person's terminal answers to a challenge. */
function signWith(
  key: string,
  { challenge, namespace }: { challenge: string; namespace: string },
  end = "\n",
): string {
  return execFileSync("ssh-keygen", ["-Y", "sign", "-q", "-n", namespace, "-f", key], {
    cwd: keygen.folder,
    input: challenge + end,
    encoding: "utf8",
    stdio: ["pipe", "pipe", "pipe"],
  });
}

/** As `signWith`, by a security key: 1 is touched, 4 is by PIN or fingerprint. */
async function signBySecurityKey(
  key: SoftSecurityKey,
  flags: number,
  { challenge, namespace }: { challenge: string; namespace: string },
): Promise<string> {
  const agent = await startSecurityKeyAgent(key, flags);
  keygen.write("sk.pub", `${key.line}\n`);
  keygen.write("text", `${challenge}\n`);
  try {
    await promisify(execFile)("ssh-keygen", ["-Y", "sign", "-q", "-n", namespace, "-f", "sk.pub", "text"], {
      cwd: keygen.folder,
      env: { ...process.env, SSH_AUTH_SOCK: agent.socket },
    });
    return keygen.read("text.sig").toString();
  } finally {
    await agent.close();
    keygen.remove("text.sig");
  }
}

async function challengeOf(person: TestPerson, keyId: string) {
  const { status, body } = await person.browser.send(beginKeyProof, { keyId });
  expect(status).toBe(200);
  return body;
}

const ownersOf = async (fingerprint: string) =>
  (await listKeyOwners(db)).filter((one) => one.fingerprints.includes(fingerprint)).map(({ id }) => id);

describe("a public key", () => {
  test("is brought, listed, renamed and removed by its owner, and each act is recorded", async () => {
    const { line } = makeKey();
    const keyId = await addTo(ann, line);
    const { body } = await ann.browser.read(listMyKeys);
    const key = body.keys.find(({ id }) => id === keyId);
    expect(key).toMatchObject({ name: "Laptop", type: "ssh-ed25519", provedAt: null, hasFile: false });
    expect(keygen.run("-l", "-f", `key${count}.pub`)).toContain(` ${key?.fingerprint} `);
    expect(await ann.browser.send(renameKey, { keyId, name: "Desk" })).toMatchObject({ status: 200 });
    expect(await ann.browser.send(removeKey, { keyId })).toMatchObject({ status: 200 });
    expect((await ann.browser.read(listMyKeys)).body.keys).toEqual([]);
    const rows = await db.activity.findMany({ where: { targetId: keyId }, orderBy: { seq: "asc" } });
    expect(rows.map(({ action, targetName }) => [action, targetName])).toEqual([
      ["key.add", "Laptop"],
      ["key.rename", "Desk"],
      ["key.remove", "Desk"],
    ]);
  });

  test("needs a fresh touch to come and to go", async () => {
    const keyId = await addTo(bob, makeKey().line);
    await forgetStepUp(db, bob);
    const { line } = makeKey();
    for (const answer of [
      await bob.browser.send(addKey, { name: "x", line }),
      await bob.browser.send(removeKey, { keyId }),
    ])
      expect(answer.code).toBe("step_up_required");
    await db.session.updateMany({ where: { personId: bob.id }, data: { steppedUpAt: new Date() } });
  });

  test("has a name of one line", async () => {
    const { line } = makeKey();
    for (const name of ["a\nssh-ed25519 AAAA", "a\u2028b", "a\u202eb", " "]) {
      const answer = await ann.browser.send(addKey, { name, line });
      expect(answer, JSON.stringify(name)).toMatchObject({ status: 400 });
    }
  });

  test("of nobody else can be seen, renamed, removed or proved", async () => {
    const keyId = await addTo(ann, makeKey().line);
    for (const answer of [
      await bob.browser.send(renameKey, { keyId, name: "mine" }),
      await bob.browser.send(removeKey, { keyId }),
      await bob.browser.send(beginKeyProof, { keyId }),
      await bob.browser.send(proveKey, { keyId, signature: "x" }),
    ])
      expect(answer.code).toBe("not_found");
    expect((await bob.browser.read(listMyKeys)).body.keys.map(({ id }) => id)).not.toContain(keyId);
  });

  test("that is a private one is refused and stored nowhere, not in the activity either", async () => {
    makeKey();
    const secret = keygen.read(`key${count}`).toString();
    const answer = await ann.browser.send(addKey, { name: "oops", line: secret });
    expect(answer).toMatchObject({ status: 400, message: expect.stringContaining("This is a private key") });
    const middle = secret.split("\n")[2] ?? "";
    const { rows } = await everything();
    expect(middle.length).toBeGreaterThan(60);
    expect(rows).not.toContain(middle);
    expect(JSON.stringify(answer.body)).not.toContain(middle);
  });

  test("of two people at once is one person's; whose, learns only who may read people", async () => {
    const { line } = makeKey();
    const answers = await Promise.all(
      [ann, bob].map(({ browser }) => browser.send(addKey, { name: "shared", line })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const [has, has_not] = answers[0]?.status === 200 ? [ann, bob] : [bob, ann];
    const refused = await has_not.browser.send(addKey, { name: "shared", line });
    expect(refused.message).toMatch(/somebody else's/);
    expect(refused.message).not.toContain(has.login);
    const told = await admin.browser.send(addKey, { name: "shared", line });
    expect(told.message).toContain(`${has.login}'s here, under the name "shared"`);
    const again = await has.browser.send(addKey, { name: "twice", line });
    expect(again.message).toMatch(/here already, under the name "shared"/);
  });

  async function everything() {
    const tables = await db.$queryRaw<{ name: string }[]>`
      select table_name as name from information_schema.tables where table_schema = 'public'`;
    const rows: string[] = [];
    for (const { name } of tables)
      rows.push(JSON.stringify(await db.$queryRawUnsafe(`select t::text from "${name}" t`)));
    return { rows: rows.join("\n") };
  }
});

describe("a key counts as its owner's", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([
    ["ed25519", "\n"],
    ["ecdsa", "\r\n"],
    ["rsa", ""],
    ["ed25519", " \r\n"],
  ])("when ssh-keygen has signed the challenge with it: %s, ended by %j", async (type, end) => {
    const { name, line } = makeKey(type);
    const keyId = await addTo(ann, line);
    const { fingerprint } = await db.personKey.findUniqueOrThrow({ where: { id: keyId } });
    expect(await ownersOf(fingerprint)).toEqual([]);
    const challenge = await challengeOf(ann, keyId);
    const answer = await ann.browser.send(proveKey, { keyId, signature: signWith(name, challenge, end) });
    expect(answer.message).toBeUndefined();
    expect(answer.status).toBe(200);
    expect(await ownersOf(fingerprint)).toEqual([ann.id]);
  });

  test("and its security key is known to ask for PIN or fingerprint when that was used for it, also later", async () => {
    const key = SoftSecurityKey.generate("ed25519", "ssh:");
    const keyId = await addTo(ann, key.line);
    const stored = () => db.personKey.findUniqueOrThrow({ where: { id: keyId } });
    const prove = async (flags: number) => {
      const signature = await signBySecurityKey(key, flags, await challengeOf(ann, keyId));
      return ann.browser.send(proveKey, { keyId, signature });
    };
    expect(await prove(1)).toMatchObject({ status: 200 });
    const { provedAt, isVerifyRequired } = await stored();
    expect([provedAt, isVerifyRequired]).toEqual([expect.any(Date), false]);
    expect(await prove(1)).toMatchObject({
      status: 409,
      message: expect.stringMatching(/made without PIN or fingerprint/),
    });
    expect(await stored()).toMatchObject({ provedAt, isVerifyRequired: false });
    expect(await prove(5)).toMatchObject({ status: 200 });
    expect(await stored()).toMatchObject({ provedAt, isVerifyRequired: true });
    expect((await ann.browser.send(beginKeyProof, { keyId })).message).toBe("This key is proved already.");
  });

  test("once: a second answer to the same challenge is refused", async () => {
    const { name, line } = makeKey();
    const keyId = await addTo(ann, line);
    const signature = signWith(name, await challengeOf(ann, keyId));
    expect(await ann.browser.send(proveKey, { keyId, signature })).toMatchObject({ status: 200 });
    expect(await ann.browser.send(proveKey, { keyId, signature })).toMatchObject({ status: 410 });
  });

  test.each<[string, RegExp, (name: string, given: { challenge: string; namespace: string }) => string]>([
    ["by another key", /another key has signed/, (_, given) => signWith(makeKey().name, given)],
    [
      "for another namespace",
      /signed for "git"/,
      (name, given) => signWith(name, { ...given, namespace: "git" }),
    ],
    [
      "for another Gatehouse",
      /signed for "gatehouse@example.org"/,
      (name, given) => signWith(name, { ...given, namespace: "gatehouse@example.org" }),
    ],
    [
      "of a changed challenge",
      /not a signature of this challenge/,
      (name, given) => signWith(name, { ...given, challenge: `${given.challenge}x` }),
    ],
  ])("not by a signature %s, which uses the challenge up", async (_, message, answerTo) => {
    const { name, line } = makeKey();
    const keyId = await addTo(ann, line);
    const challenge = await challengeOf(ann, keyId);
    const refused = await ann.browser.send(proveKey, { keyId, signature: answerTo(name, challenge) });
    expect(refused).toMatchObject({ status: 409, message: expect.stringMatching(message) });
    const right = await ann.browser.send(proveKey, { keyId, signature: signWith(name, challenge) });
    expect(right).toMatchObject({ status: 410 });
    expect(await db.personKey.findUnique({ where: { id: keyId } })).toMatchObject({ provedAt: null });
  });

  test("not by an answer to an earlier challenge, to another key's, after its time, or in another session", async () => {
    const { name, line } = makeKey();
    const [keyId, otherId] = [await addTo(ann, line), await addTo(ann, makeKey().line)];
    const earlier = signWith(name, await challengeOf(ann, keyId));
    const forOther = signWith(name, await challengeOf(ann, otherId));
    await challengeOf(ann, keyId);
    expect(await ann.browser.send(proveKey, { keyId, signature: earlier })).toMatchObject({ status: 409 });
    await challengeOf(ann, keyId);
    expect(await ann.browser.send(proveKey, { keyId, signature: forOther })).toMatchObject({ status: 409 });

    vi.useFakeTimers({ toFake: ["Date"] });
    const late = signWith(name, await challengeOf(ann, keyId));
    vi.setSystemTime(Date.now() + 901_000);
    expect(await ann.browser.send(proveKey, { keyId, signature: late })).toMatchObject({ status: 410 });
    vi.useRealTimers();

    const challenge = await challengeOf(ann, keyId);
    await db.personKey.update({ where: { id: keyId }, data: { personId: bob.id } });
    const stolen = await bob.browser.send(proveKey, { keyId, signature: signWith(name, challenge) });
    expect(stolen).toMatchObject({ status: 410 });
  });

  test("not by text that is no signature, which leaves the challenge open", async () => {
    const { name, line } = makeKey();
    const keyId = await addTo(ann, line);
    const challenge = await challengeOf(ann, keyId);
    expect(await ann.browser.send(proveKey, { keyId, signature: line })).toMatchObject({ status: 400 });
    const signature = signWith(name, challenge);
    expect(await ann.browser.send(proveKey, { keyId, signature })).toMatchObject({ status: 200 });
  });
});

describe("a key that somebody else has only pasted", () => {
  test("comes to whoever signs with it, and leaves who pasted it", async () => {
    const { name, line } = makeKey();
    const pastedId = await addTo(bob, line);
    const told = await ann.browser.send(addKey, { name: "mine", line });
    expect(told).toMatchObject({ status: 409 });
    const { body } = await ann.browser.send(beginKeyClaim, { line });
    const input = { name: "mine", line, signature: signWith(name, body) };
    const stolen = await bob.browser.send(claimKey, input);
    expect(stolen).toMatchObject({ status: 409 });
    const answer = await ann.browser.send(claimKey, input);
    expect(answer.message).toBeUndefined();
    const { fingerprint } = await db.personKey.findUniqueOrThrow({ where: { id: answer.body.keyId } });
    expect(await ownersOf(fingerprint)).toEqual([ann.id]);
    expect(await db.personKey.findUnique({ where: { id: pastedId } })).toMatchObject({
      provedAt: null,
      removedAt: expect.any(Date),
    });
  });

  test("stays where it is without a signature, with another one, or once it is proved", async () => {
    const { name, line } = makeKey();
    const keyId = await addTo(bob, line);
    const { body } = await ann.browser.send(beginKeyClaim, { line });
    const wrong = signWith(makeKey().name, body);
    const refused = await ann.browser.send(claimKey, { name: "mine", line, signature: wrong });
    expect(refused).toMatchObject({ status: 409, message: expect.stringMatching(/another key has signed/) });
    const again = await ann.browser.send(beginKeyClaim, { line });
    const signature = signWith(name, await challengeOf(bob, keyId));
    expect(await bob.browser.send(proveKey, { keyId, signature })).toMatchObject({ status: 200 });
    const late = { name: "mine", line, signature: signWith(name, again.body) };
    expect(await ann.browser.send(claimKey, late)).toMatchObject({ status: 409 });
    expect((await ann.browser.send(beginKeyClaim, { line })).status).toBe(409);
    expect(await db.personKey.findUnique({ where: { id: keyId } })).toMatchObject({ removedAt: null });
  });
});

describe("somebody's keys", () => {
  test("are read, brought, renamed and removed by an admin, and count only when he proves them", async () => {
    const { name, line } = makeKey();
    const personId = bob.id;
    const { body } = await admin.browser.send(addPersonKey, { personId, name: "Bob's", line });
    const { keyId } = body;
    const path = { personId, keyId };
    expect((await admin.browser.read(getPersonKeys, { personId })).body).toMatchObject({
      canWrite: true,
      keys: expect.arrayContaining([expect.objectContaining({ id: keyId, provedAt: null })]),
    });
    expect((await auditor.browser.read(getPersonKeys, { personId })).body.canWrite).toBe(false);
    const signature = signWith(name, await challengeOf(bob, keyId));
    expect(await bob.browser.send(proveKey, { keyId, signature })).toMatchObject({ status: 200 });
    expect(await admin.browser.send(renamePersonKey, { ...path, name: "His" })).toMatchObject({
      status: 200,
    });
    expect(await admin.browser.send(removePersonKey, path)).toMatchObject({ status: 200 });
  });

  test("are nobody's business without the permission, and an owner's only an owner's", async () => {
    const { line } = makeKey();
    const input = { personId: ann.id, name: "x", line };
    expect((await auditor.browser.send(addPersonKey, input)).code).toBe("forbidden");
    expect((await bob.browser.read(getPersonKeys, { personId: ann.id })).code).toBe("forbidden");
    const keyId = await addTo(owner, line);
    const path = { personId: owner.id, keyId };
    for (const answer of [
      await admin.browser.send(addPersonKey, { ...input, personId: owner.id }),
      await admin.browser.send(renamePersonKey, { ...path, name: "x" }),
      await admin.browser.send(removePersonKey, path),
    ])
      expect(answer.code).toBe("forbidden");
    expect(await owner.browser.send(removePersonKey, path)).toMatchObject({ status: 200 });
  });

  test("cannot be reached by another person's address", async () => {
    const keyId = await addTo(ann, makeKey().line);
    const answer = await admin.browser.send(removePersonKey, { personId: bob.id, keyId });
    expect(answer.code).toBe("not_found");
  });
});
