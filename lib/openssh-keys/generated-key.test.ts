import { spawnSync } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import { generatedKinds, generateKey, toPrivateKey } from "@/lib/openssh-keys/generated-key";
import { printLockedPrivateKey, printPlainPrivateKey } from "@/lib/openssh-keys/private-key-file";
import { findPassphraseFault, lockByPassphrase, saltBytes } from "@/lib/openssh-keys/private-key-lock";
import { fingerprint, printPublicKey } from "@/lib/openssh-keys/public-key";
import { signMessage } from "@/lib/openssh-keys/sign-message";
import { startKeygen } from "@/lib/testing/keygen";

const keygen = startKeygen();
afterAll(() => keygen.remove());

const check = () => randomInt(2 ** 32);
const lock = (passphrase: string, rounds?: number) =>
  lockByPassphrase(passphrase, randomBytes(saltBytes), rounds);
const bitsOf: Record<string, string> = { ed25519: "256" };

describe.each(generatedKinds)("a generated key of kind %s", async (kind) => {
  const { privateKey, signingKey } = await generateKey(kind, "alice@laptop");
  const line = printPublicKey(privateKey.publicKey);
  const print = fingerprint(privateKey.publicKey.blob);

  test("is read by ssh-keygen, which derives the same public half", () => {
    keygen.write("plain", printPlainPrivateKey(privateKey, check()));
    expect(keygen.run("-y", "-P", "", "-f", "plain").trim()).toBe(line);
    expect(keygen.run("-l", "-f", "plain")).toContain(
      `${bitsOf[kind] ?? kind.split("-")[1]} ${print} alice@laptop`,
    );
  });

  test("under a passphrase is read with it, refused with another, and changed by ssh-keygen -p", async () => {
    const passphrase = "correct hörse ☂ battery";
    keygen.write("locked", await printLockedPrivateKey(privateKey, check(), lock(passphrase)));
    expect(keygen.run("-y", "-P", passphrase, "-f", "locked").trim()).toBe(line);
    for (const wrong of ["", "correct horse"])
      expect(() => keygen.run("-y", "-P", wrong, "-f", "locked")).toThrow(/incorrect passphrase/);
    keygen.run("-p", "-P", passphrase, "-N", "another one", "-f", "locked");
    expect(keygen.run("-y", "-P", "another one", "-f", "locked").trim()).toBe(line);
  });

  test("signs what ssh-keygen verifies, in that namespace and for that message only", async () => {
    const message = new TextEncoder().encode("a challenge");
    const blob = privateKey.publicKey.blob;
    keygen.write("signature", await signMessage(blob, signingKey, "gatehouse@example.org", message));
    keygen.write("signers", `alice ${line}\n`);
    const verify = (namespace: string, input: string) =>
      spawnSync(
        "ssh-keygen",
        ["-Y", "verify", "-f", "signers", "-I", "alice", "-n", namespace, "-s", "signature"],
        { cwd: keygen.folder, input, encoding: "utf8" },
      );
    expect(verify("gatehouse@example.org", "a challenge")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(print),
    });
    expect(verify("git", "a challenge").status).not.toBe(0);
    expect(verify("gatehouse@example.org", "another challenge").status).not.toBe(0);
  });
});

test("200 generated keys, some under a passphrase, have the public half and the fingerprint that ssh-keygen finds", async () => {
  // RSA costs seconds a key, its numbers are covered above; a few rounds of bcrypt take the same way as many.
  const kinds = ["ed25519", "ecdsa-256", "ecdsa-384", "ecdsa-521"] as const;
  for (let index = 0; index < 200; index++) {
    const comment = index % 7 === 0 ? "" : `key ${index}`;
    const { privateKey } = await generateKey(kinds[index % kinds.length]!, comment);
    const passphrase = index % 10 === 3 ? randomBytes(12).toString("base64") : "";
    keygen.write(
      "many",
      passphrase
        ? await printLockedPrivateKey(privateKey, check(), lock(passphrase, 1))
        : printPlainPrivateKey(privateKey, check()),
    );
    expect(keygen.run("-y", "-P", passphrase, "-f", "many").trim()).toBe(
      printPublicKey(privateKey.publicKey),
    );
    expect(keygen.run("-l", "-f", "many")).toContain(` ${fingerprint(privateKey.publicKey.blob)} `);
  }
});

test("numbers with leading zeros are shortened or padded as OpenSSH writes them", async () => {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
  const jwk = await crypto.subtle.exportKey("jwk", pair.privateKey);
  const longer = Buffer.concat([Buffer.alloc(1), Buffer.from(jwk.d!, "base64url")]).toString("base64url");
  const { fields } = toPrivateKey({ ...jwk, d: longer }, "");
  expect(fields).toEqual(toPrivateKey(jwk, "").fields);
  expect(() => toPrivateKey({ ...jwk, crv: "secp256k1" }, "")).toThrow(/secp256k1/);
  expect(() => toPrivateKey({ kty: "oct", k: "AA" }, "")).toThrow(/oct/);
  expect(() => toPrivateKey({ kty: "OKP", crv: "Ed25519", x: jwk.x }, "")).toThrow(/without its numbers/);
});

describe("a passphrase", () => {
  test.each([
    ["", /empty/],
    ["two\nlines", /line break/],
    ["nul\0", /control character/],
    [`half ${"☂\ud83d"}`, /half a character/],
    ["ü".repeat(512), /1023 bytes/],
  ])("%j is refused, and no file is locked by it", (passphrase, reason) => {
    expect(findPassphraseFault(passphrase)).toMatch(reason);
    expect(() => lock(passphrase)).toThrow(reason);
  });

  test("of 1,023 bytes is one that ssh-keygen still reads", async () => {
    const passphrase = "x".repeat(1023);
    const { privateKey } = await generateKey("ed25519", "");
    keygen.write("long", await printLockedPrivateKey(privateKey, check(), lock(passphrase, 1)));
    expect(keygen.run("-y", "-P", passphrase, "-f", "long")).toContain("ssh-ed25519 ");
  });
});
