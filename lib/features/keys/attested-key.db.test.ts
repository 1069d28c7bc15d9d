import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { addAttestedKey, beginAttestedKey } from "@/lib/features/keys/attested-key-commands";
import { listMyKeys } from "@/lib/features/keys/queries";
import { listKeyOwners } from "@/lib/features/people/key-owners";
import { printBase64 } from "@/lib/openssh-keys/base64";
import { printPublicKey } from "@/lib/openssh-keys/public-key";
import { securityKeyBlob } from "@/lib/openssh-keys/security-key";
import { Maker, printAttestation, signPacked } from "@/lib/testing/attestation";
import { Authenticator } from "@/lib/testing/authenticator";
import { openDatabase } from "@/lib/testing/database";
import { addPerson, type TestPerson } from "@/lib/testing/people";

const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-roots-"));
const maker = Maker.start();
const rootsFile = path.join(folder, "roots.pem");
// Read with the first look at the environment.
vi.stubEnv("GATEHOUSE_ATTESTATION_ROOTS_FILE", rootsFile);
beforeEach(() => writeFileSync(rootsFile, maker.rootPem));
afterAll(() => {
  rmSync(folder, { recursive: true });
  maker.remove();
});
const db = await openDatabase();

const application = "ssh:gatehouse";
const model = Uint8Array.from({ length: 16 }, (_, index) => index + 1);
const none = new Uint8Array();

const lineOf = (key: Authenticator, type = "sk-ecdsa-sha2-nistp256@openssh.com") =>
  printPublicKey({ type, blob: securityKeyBlob(key.numbers, application), comment: "" });

/** What a member's terminal makes of a challenge: a key, and its attestation by the maker or by itself. */
function makeKey(challenge: string, by: Maker | "itself" = maker) {
  const key = new Authenticator("unused");
  const authenticatorData = key.dataFor(application, model);
  const signer =
    by === "itself" ? { certificate: none, key: key.privateKey } : by.certify("Blue", { aaguid: model });
  const signature = signPacked(signer.key, authenticatorData, Buffer.from(challenge));
  const file = printAttestation({ authenticatorData, certificate: signer.certificate, signature });
  return { line: lineOf(key), attestation: printBase64(file) };
}

async function challengeOf(person: TestPerson): Promise<string> {
  const { body } = await person.browser.send(beginAttestedKey);
  return body.challenge;
}

const bring = (person: TestPerson, made: { line: string; attestation: string }) =>
  person.browser.send(addAttestedKey, { name: "Green", ...made });

async function keysOf(person: TestPerson) {
  const { keys } = (await person.browser.read(listMyKeys)).body;
  const owner = (await listKeyOwners(db)).find(({ id }) => id === person.id);
  return { keys, counted: owner?.fingerprints ?? [] };
}

describe("a key that ssh-keygen made counts at once", () => {
  test.each<[string, Maker | "itself"]>([
    ["by its own signature", "itself"],
    ["by that of a maker that the admin believes", maker],
  ])("%s", async (_, by) => {
    const ann = await addPerson(db, "member");
    const challenge = await challengeOf(ann);
    expect(challenge).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect((await bring(ann, makeKey(challenge, by))).message).toBeUndefined();
    const { keys, counted } = await keysOf(ann);
    expect(keys).toMatchObject([
      {
        name: "Green",
        origin: "ssh_keygen",
        application,
        attestation: { version: 1, format: "packed", isSelf: by === "itself", isVerified: true },
      },
    ]);
    expect(counted).toEqual([keys[0]?.fingerprint]);
  });
});

test("a certificate that nobody believes proves nothing: the key is stored, and a signature is wanted", async () => {
  const stranger = Maker.start();
  try {
    const ann = await addPerson(db, "member");
    expect(await bring(ann, makeKey(await challengeOf(ann), stranger))).toMatchObject({ status: 200 });
    const { keys, counted } = await keysOf(ann);
    expect(keys).toMatchObject([
      { provedAt: null, attestation: { root: null, subject: expect.any(String) } },
    ]);
    expect(counted).toEqual([]);
  } finally {
    stranger.remove();
  }
});

describe("refused, and nothing is stored", () => {
  test("a swapped key", async () => {
    const ann = await addPerson(db, "member");
    const made = makeKey(await challengeOf(ann));
    const answer = await bring(ann, { ...made, line: lineOf(new Authenticator("unused")) });
    expect(answer).toMatchObject({ status: 409, message: expect.stringMatching(/of another key/) });
    expect((await keysOf(ann)).keys).toEqual([]);
  });

  test("an old, a foreign and a used challenge", async () => {
    const [ann, bob] = [await addPerson(db, "member"), await addPerson(db, "member")];
    const old = makeKey(await challengeOf(ann));
    const foreign = makeKey(await challengeOf(bob));
    await challengeOf(ann);
    expect(await bring(ann, old)).toMatchObject({ status: 409, message: expect.stringMatching(/challenge/) });
    await challengeOf(ann);
    expect(await bring(ann, foreign)).toMatchObject({ status: 409 });
    const right = makeKey(await challengeOf(ann));
    expect(await bring(ann, right)).toMatchObject({ status: 200 });
    expect(await bring(ann, right)).toMatchObject({ status: 410 });
    expect((await keysOf(ann)).keys.length).toBe(1);
  });

  test("a key that is on no security key, and a file that is no attestation, before the challenge is used", async () => {
    const ann = await addPerson(db, "member");
    const made = makeKey(await challengeOf(ann));
    const plain = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
    expect(await bring(ann, { ...made, line: plain })).toMatchObject({ status: 400 });
    expect(await bring(ann, { ...made, attestation: printBase64(Buffer.from(made.line)) })).toMatchObject({
      status: 400,
      message: expect.stringMatching(/no attestation of ssh-keygen/),
    });
    expect(await bring(ann, made)).toMatchObject({ status: 200 });
  });
});
