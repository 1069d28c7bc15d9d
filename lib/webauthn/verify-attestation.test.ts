import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { parseAttestation } from "@/lib/openssh-keys/attestation";
import { securityKeyBlob } from "@/lib/openssh-keys/security-key";
import { concatenate, printString, printUint32 } from "@/lib/openssh-keys/wire";
import { Maker, printAttestation, signPacked, signU2f } from "@/lib/testing/attestation";
import { Authenticator, type Lies } from "@/lib/testing/authenticator";
import { type Attested, verifyAttestation } from "@/lib/webauthn/verify-attestation";

const maker = Maker.start();
const stranger = Maker.start();
afterAll(() => {
  maker.remove();
  stranger.remove();
});

const application = "ssh:gatehouse";
const challenge = Buffer.from("our challenge");
const none = new Uint8Array();
const model = Uint8Array.from({ length: 16 }, (_, index) => index + 1);
const modelText = "01020304-0506-0708-090a-0b0c0d0e0f10";
const unknownModel = new Uint8Array(16);

function make(family: "ecdsa" | "ed25519" = "ecdsa") {
  const key = new Authenticator("unused", { family });
  const attested: Attested = {
    keyBlob: securityKeyBlob(key.numbers, application),
    application,
    challenges: [challenge],
    roots: [],
    // Certificates are made after this line, and begin with the second in which they are made.
    now: new Date(Date.now() + 60_000),
  };
  return { key, attested };
}

function judge(file: Uint8Array, attested: Attested) {
  const reading = parseAttestation(file);
  return reading.attestation ? verifyAttestation(reading.attestation, attested) : reading;
}

/** An attestation of the format "packed" under the maker's certificate. */
function packed(key: Authenticator, { lies = {} as Lies, about = challenge, from = maker, days = 10 } = {}) {
  const authenticatorData = key.dataFor(application, model, lies);
  const signer = from.certify("Blue", { aaguid: model, days });
  const signature = signPacked(signer.key, authenticatorData, about);
  return printAttestation({ authenticatorData, certificate: signer.certificate, signature });
}

describe("an attestation holds", () => {
  test.each(["ecdsa", "ed25519"] as const)("by the key itself, %s", (family) => {
    const { key, attested } = make(family);
    const authenticatorData = key.dataFor(application, model);
    const signature = signPacked(key.privateKey, authenticatorData, challenge);
    expect(judge(printAttestation({ authenticatorData, certificate: none, signature }), attested)).toEqual({
      attestation: {
        format: "packed",
        aaguid: modelText,
        isSelf: true,
        subject: null,
        root: null,
        isVerified: true,
      },
    });
  });

  test.each(["ecdsa", "ed25519"] as const)("of an %s key by its maker's certificate", (family) => {
    const { key, attested } = make(family);
    const file = packed(key);
    expect(judge(file, { ...attested, roots: [stranger.root, maker.root] })).toEqual({
      attestation: {
        format: "packed",
        aaguid: modelText,
        isSelf: false,
        subject: "O=Maker, OU=Authenticator Attestation, CN=Blue",
        root: "O=Maker, CN=Root",
        isVerified: true,
      },
    });
    expect(judge(file, attested)).toMatchObject({ attestation: { root: null, isSelf: false } });
  });

  test("of an old U2F authenticator, which says neither model nor PIN", () => {
    const { key, attested } = make();
    const { numbers } = key;
    const signer = maker.certify("Old");
    const lies = { userVerified: false };
    const authenticatorData = key.dataFor(application, unknownModel, lies);
    const made = {
      application,
      credentialId: Buffer.from(key.credentialId, "base64url"),
      point: numbers.family === "ecdsa" ? numbers.point : none,
    };
    const signature = signU2f(signer.key, made, challenge);
    const file = printAttestation({ authenticatorData, certificate: signer.certificate, signature });
    expect(judge(file, { ...attested, roots: [maker.root] })).toMatchObject({
      attestation: { format: "fido-u2f", aaguid: null, isVerified: false, root: "O=Maker, CN=Root" },
    });
    expect(judge(file, { ...attested, challenges: [Buffer.from("another")] })).toHaveProperty("reason");
  });

  test("of U2F tells no model and no PIN but what the certificate says: its signature covers neither", () => {
    const { key, attested } = make();
    const { numbers } = key;
    const made = {
      application,
      credentialId: Buffer.from(key.credentialId, "base64url"),
      point: numbers.family === "ecdsa" ? numbers.point : none,
    };
    const told = (signer: ReturnType<Maker["certify"]>) => {
      // Edited after the authenticator has signed.
      const authenticatorData = key.dataFor(application, model, { userVerified: true });
      const signature = signU2f(signer.key, made, challenge);
      const file = printAttestation({ authenticatorData, certificate: signer.certificate, signature });
      return judge(file, { ...attested, roots: [maker.root] });
    };
    const forged = { format: "fido-u2f", isVerified: false };
    expect(told(maker.certify("Plain"))).toMatchObject({ attestation: { ...forged, aaguid: null } });
    const otherModel = Uint8Array.from(model).reverse();
    expect(told(maker.certify("Says", { aaguid: otherModel }))).toMatchObject({
      attestation: { ...forged, aaguid: "100f0e0d-0c0b-0a09-0807-060504030201" },
    });
  });

  test("over the challenge with a newline behind it, as echo writes it", () => {
    const { key, attested } = make();
    const file = packed(key, { about: Buffer.from("our challenge\n") });
    const challenges = [challenge, Buffer.from("our challenge\n")];
    expect(judge(file, { ...attested, challenges })).toHaveProperty("attestation");
    expect(judge(file, attested)).toHaveProperty("reason");
  });
});

describe("refused is", () => {
  test.each<[string, RegExp, (key: Authenticator) => Uint8Array]>([
    ["another challenge", /not over our challenge/, (key) => packed(key, { about: Buffer.from("old") })],
    ["another key than the one given", /another key/, () => packed(make().key)],
    ["another application", /another application/, (key) => packed(key, { lies: { rpId: "ssh:" } })],
    ["one without a touch", /not touched/, (key) => packed(key, { lies: { userPresent: false } })],
    [
      "a certificate of another model",
      /another model/,
      (key) => {
        const authenticatorData = key.dataFor(application, unknownModel);
        const signer = maker.certify("Blue", { aaguid: model });
        const signature = signPacked(signer.key, authenticatorData, challenge);
        return printAttestation({ authenticatorData, certificate: signer.certificate, signature });
      },
    ],
    [
      "a signature by another key than the certificate's",
      /not over our challenge/,
      (key) => {
        const authenticatorData = key.dataFor(application, model);
        const { certificate } = maker.certify("Blue");
        const signature = signPacked(key.privateKey, authenticatorData, challenge);
        return printAttestation({ authenticatorData, certificate, signature });
      },
    ],
    [
      "a signature by nobody",
      /attested nothing/,
      (key) =>
        printAttestation({
          authenticatorData: key.dataFor(application, model),
          certificate: none,
          signature: none,
        }),
    ],
    [
      "a certificate that is none",
      /certificate in it cannot be read/,
      (key) =>
        printAttestation({
          authenticatorData: key.dataFor(application, model),
          certificate: Buffer.from("no certificate"),
          signature: Buffer.from("x"),
        }),
    ],
  ])("%s", (_, reason, fileOf) => {
    const { key, attested } = make();
    expect(judge(fileOf(key), attested)).toEqual({ reason: expect.stringMatching(reason) });
  });

  test("the file of OpenSSH 8.2 and 8.3, which keeps too little to be checked", () => {
    const { attested } = make();
    const file = concatenate([
      ...["ssh-sk-attest-v00", none, Buffer.from("signature")].map((part) => printString(part)),
      printUint32(0),
      printString(""),
    ]);
    expect(judge(file, attested)).toEqual({ reason: expect.stringMatching(/8\.2 or 8\.3/) });
  });

  test("what is changed in any byte, or cut anywhere", () => {
    const { key, attested } = make();
    const authenticatorData = key.dataFor(application, model);
    const signature = signPacked(key.privateKey, authenticatorData, challenge);
    const file = printAttestation({ authenticatorData, certificate: none, signature });
    // The last eight bytes are reserved and say nothing.
    fc.assert(
      fc.property(fc.nat(file.length - 9), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Uint8Array.from(file, (byte, index) => (index === at ? byte ^ flip : byte));
        expect(judge(changed, attested)).toHaveProperty("reason");
        expect(judge(file.subarray(0, at), attested)).toHaveProperty("reason");
      }),
      { numRuns: 300 },
    );
  });
});

describe("a root vouches for nobody", () => {
  test("whose certificate it has not signed, even under the same name", () => {
    const { key, attested } = make();
    expect(judge(packed(key, { from: stranger }), { ...attested, roots: [maker.root] })).toMatchObject({
      attestation: { root: null },
    });
  });

  test("after its own time, or the certificate's", () => {
    const { key, attested } = make();
    const now = new Date(Date.now() + 5 * 86_400_000);
    const roots = [maker.root];
    const short = packed(key, { days: 1 });
    expect(judge(short, { ...attested, roots })).toMatchObject({ attestation: { root: "O=Maker, CN=Root" } });
    expect(judge(short, { ...attested, roots, now })).toMatchObject({ attestation: { root: null } });
    const later = new Date(Date.now() + 20 * 86_400_000);
    expect(judge(packed(key, { days: 100 }), { ...attested, roots, now: later })).toMatchObject({
      attestation: { root: null },
    });
  });
});
