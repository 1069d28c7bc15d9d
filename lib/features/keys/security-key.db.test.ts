import { generateKeyPairSync } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import { env } from "@/lib/env";
import { removeKey } from "@/lib/features/keys/key-commands";
import { getKeyFile, listMyKeys } from "@/lib/features/keys/queries";
import { addKeyOfPasskey, addSecurityKey, beginSecurityKey } from "@/lib/features/keys/security-key-commands";
import { listKeyOwners } from "@/lib/features/people/key-owners";
import { removePasskey } from "@/lib/features/people/me-commands";
import { Authenticator, type AuthenticatorModel, type Lies } from "@/lib/testing/authenticator";
import { encodeCbor } from "@/lib/testing/cbor";
import { openDatabase } from "@/lib/testing/database";
import { startKeygen } from "@/lib/testing/keygen";
import { addPerson, forgetStepUp, signIn, type TestPerson } from "@/lib/testing/people";
import { keyBlobOfCredential } from "@/lib/webauthn/credential-key";

const db = await openDatabase();
const keygen = startKeygen();
afterAll(() => keygen.remove());
const { origin, rpId } = env();
const touchOnly = { family: "ecdsa", isVerifyRequired: false } as const;

/** Enrols a new security key as a browser does. */
async function enrol(
  person: TestPerson,
  {
    wish = touchOnly as { family: "ed25519" | "ecdsa"; isVerifyRequired: boolean },
    model = {} as AuthenticatorModel,
    lies = {} as Lies,
  } = {},
) {
  const options = await person.browser.send(beginSecurityKey, wish);
  const key = new Authenticator(origin, model);
  const response = key.create(options.body, lies);
  return {
    key,
    options,
    answer: await person.browser.send(addSecurityKey, { ...wish, name: "Blue", response }),
  };
}

describe("one touch", () => {
  test.each([
    ["ecdsa", "ecdsa", "sk-ecdsa-sha2-nistp256@openssh.com", false, "1"],
    ["ed25519", "ed25519", "sk-ssh-ed25519@openssh.com", true, "5"],
    ["ed25519", "ecdsa", "sk-ecdsa-sha2-nistp256@openssh.com", true, "5"],
  ] as const)(
    "that asks for %s of a key that does %s gives a key of type %s, a file that ssh-keygen reads, and a passkey",
    async (wanted, able, type, isVerifyRequired, flags) => {
      const ann = await addPerson(db, "member");
      const wish = { family: wanted, isVerifyRequired };
      const { key, answer } = await enrol(ann, { wish, model: { family: able } });
      expect(answer.message).toBeUndefined();
      const { keyId, fileName, text, line } = answer.body;
      expect(fileName).toBe(`id_${able}_sk_gatehouse`);
      keygen.write("sk", text);
      expect(keygen.run("-y", "-f", "sk").trim()).toBe(line);
      expect(line).toMatch(new RegExp(`^${type} \\S+ Blue$`));
      const bytes = Buffer.from(text.split("\n").slice(1, -2).join(""), "base64");
      const handle = Buffer.from(key.credentialId, "base64url");
      const at = bytes.indexOf(Buffer.concat([Buffer.from([0, 0, 0, handle.length]), handle]));
      expect(String(bytes[at - 1])).toBe(flags);
      expect(bytes.includes(Buffer.concat([Buffer.from([0, 0, 0, rpId.length]), Buffer.from(rpId)]))).toBe(
        true,
      );

      // Proved by the ceremony itself, and listed as such.
      const { body } = await ann.browser.read(listMyKeys);
      expect(body.keys).toEqual([
        expect.objectContaining({ id: keyId, type, application: rpId, signsIn: true, isVerifyRequired }),
      ]);
      expect(body.keys[0]?.provedAt).not.toBeNull();
      const owners = await listKeyOwners(db);
      expect(owners.find(({ id }) => id === ann.id)?.fingerprints).toEqual([body.keys[0]?.fingerprint]);
      expect(keygen.run("-l", "-f", "sk")).toContain(body.keys[0]?.fingerprint);
      expect((await ann.browser.read(getKeyFile, { keyId })).body.text).toBe(text);
      // The same credential signs in here.
      await signIn({ ...ann, key });
    },
  );

  test("asks for a roaming key, and makes the authenticator as strict as the file says", async () => {
    const ann = await addPerson(db, "member");
    const { body: touch } = await ann.browser.send(beginSecurityKey, touchOnly);
    expect(touch).toMatchObject({
      rp: { id: rpId },
      authenticatorSelection: {
        authenticatorAttachment: "cross-platform",
        residentKey: "required",
        userVerification: "required",
      },
      extensions: { credentialProtectionPolicy: "userVerificationOptionalWithCredentialIDList" },
      excludeCredentials: [{ id: ann.key.credentialId }],
    });
    expect(touch.pubKeyCredParams.map(({ alg }) => alg)).toEqual([-7]);
    const { body: pin } = await ann.browser.send(beginSecurityKey, {
      family: "ed25519",
      isVerifyRequired: true,
    });
    expect(pin).toMatchObject({ extensions: { credentialProtectionPolicy: "userVerificationRequired" } });
    expect(pin.pubKeyCredParams.map(({ alg }) => alg)).toEqual([-8, -7]);
  });

  test("ends the person's other sessions, and needs a fresh one itself", async () => {
    const ann = await addPerson(db, "member");
    const other = await signIn(ann);
    await enrol(ann);
    expect((await other.read(listMyKeys)).code).toBe("unauthenticated");
    await forgetStepUp(db, ann);
    expect((await ann.browser.send(beginSecurityKey, touchOnly)).code).toBe("step_up_required");
  });
});

describe("no key comes of", () => {
  test.each<[string, number, { model?: AuthenticatorModel; lies?: Lies }]>([
    ["a passkey of a phone or computer", 409, { model: { transports: ["internal", "hybrid"] } }],
    ["a passkey that its vendor copies", 409, { model: { isCopied: true } }],
    ["another challenge", 401, { lies: { challenge: Buffer.alloc(32, 1).toString("base64url") } }],
    ["another site", 401, { lies: { origin: "https://evil.example" } }],
    ["another relying party", 401, { lies: { rpId: "example.com" } }],
    ["a touch without PIN", 401, { lies: { userVerified: false } }],
    ["an algorithm that was not asked for", 401, { model: { family: "ed25519" } }],
  ])("%s", async (_, status, how) => {
    const ann = await addPerson(db, "member");
    const before = await db.passkey.count();
    expect((await enrol(ann, how)).answer.status).toBe(status);
    expect(await db.passkey.count()).toBe(before);
    expect((await ann.browser.read(listMyKeys)).body.keys).toEqual([]);
  });

  test("an answer given twice, or one to a passkey's ceremony", async () => {
    const ann = await addPerson(db, "member");
    const options = await ann.browser.send(beginSecurityKey, touchOnly);
    const response = new Authenticator(origin).create(options.body);
    const input = { ...touchOnly, name: "Blue", response };
    expect(await ann.browser.send(addSecurityKey, input)).toMatchObject({ status: 200 });
    expect(await ann.browser.send(addSecurityKey, input)).toMatchObject({ status: 410 });
  });

  test("an RSA passkey", () => {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const { n = "" } = publicKey.export({ format: "jwk" });
    const cose = new Map<number, number | Uint8Array>([
      [1, 3],
      [3, -257],
      [-1, Buffer.from(n, "base64url")],
      [-2, Buffer.from([1, 0, 1])],
    ]);
    expect(keyBlobOfCredential(Uint8Array.from(encodeCbor(cose)), rpId)).toBeUndefined();
  });
});

describe("a passkey that the person has", () => {
  test("is offered, and becomes an SSH key that asks for the PIN", async () => {
    const ann = await addPerson(db, "member");
    const [passkey] = (await ann.browser.read(listMyKeys)).body.passkeys;
    const { body } = await ann.browser.send(addKeyOfPasskey, { passkeyId: passkey?.id });
    keygen.write("passkey", body.text);
    expect(keygen.run("-y", "-f", "passkey").trim()).toBe(body.line);
    const after = (await ann.browser.read(listMyKeys)).body;
    expect(after.keys).toEqual([expect.objectContaining({ isVerifyRequired: true, signsIn: true })]);
    expect(after.passkeys).toEqual([]);
    const again = await ann.browser.send(addKeyOfPasskey, { passkeyId: passkey?.id });
    expect(again).toMatchObject({ status: 409 });
  });

  test("is not offered, and refused, where ssh cannot reach it or it is somebody else's", async () => {
    const ann = await addPerson(db, "member");
    const [passkey] = (await ann.browser.read(listMyKeys)).body.passkeys;
    const passkeyId = passkey?.id ?? "";
    const bob = await addPerson(db, "member");
    expect((await bob.browser.send(addKeyOfPasskey, { passkeyId })).code).toBe("not_found");
    await db.passkey.update({ where: { id: passkeyId }, data: { transports: ["internal"] } });
    expect((await ann.browser.read(listMyKeys)).body.passkeys).toEqual([]);
    expect((await ann.browser.send(addKeyOfPasskey, { passkeyId })).status).toBe(409);
  });
});

test("key and passkey live on without each other", async () => {
  const ann = await addPerson(db, "member");
  const { answer, key } = await enrol(ann);
  const { keyId } = answer.body;
  const { passkeyId } = await db.personKey.findUniqueOrThrow({ where: { id: keyId } });
  expect(await ann.browser.send(removePasskey, { passkeyId })).toMatchObject({ status: 200 });
  expect((await ann.browser.read(listMyKeys)).body.keys).toEqual([
    expect.objectContaining({ id: keyId, signsIn: false, hasFile: true }),
  ]);

  const second = await enrol(ann);
  await ann.browser.send(removeKey, { keyId: second.answer.body.keyId });
  await signIn({ ...ann, key: second.key });
  await expect(signIn({ ...ann, key })).rejects.toThrow();
});
