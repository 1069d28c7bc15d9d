import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { readImportedLines } from "@/lib/key-import/imported-lines";
import { ed25519PublicKey, printPublicKey } from "@/lib/openssh-keys/public-key";
import { startKeygen } from "@/lib/testing/keygen";

const keygen = startKeygen();
afterAll(() => keygen.remove());
const key = (seed: string, comment = seed) =>
  printPublicKey(ed25519PublicKey(createHash("sha256").update(seed).digest(), comment));

test("keys are read with the fingerprint that ssh-keygen finds; comments, blanks and doubles are no news", () => {
  const rsa = keygen.generate("rsa", "rsa", 2048);
  const text = `# keys of alice\r\n${key("a")}\r\n\n${rsa}\n${key("a", "again")}\n`;
  const { keys, refused } = readImportedLines(text);
  expect(refused).toEqual([]);
  expect(keys.map(({ number, type, bits, comment }) => [number, type, bits, comment])).toEqual([
    [2, "ssh-ed25519", 256, "a"],
    [4, "ssh-rsa", 2048, "rsa"],
  ]);
  expect(keygen.run("-lf", "rsa.pub")).toContain(keys[1]!.fingerprint);
});

test.each([
  [`command="rm -rf /" ${key("a")}`, /options/],
  [`restrict,cert-authority ${key("a")}`, /options/],
  [`${key("a", "x")}\u202etxt`, /direction/],
  [`${key("a", "x")}\u0007`, /control/],
  [`\0${key("a")}`, /control/],
  [`ssh-ed25519 ${key("a").split(" ")[1]!.slice(0, 40)}`, /./],
  [`ssh-rsa ${key("a").split(" ")[1]}`, /the line says ssh-rsa/],
  ["<html><body>Sign in</body></html>", /No public key/],
  ["-----BEGIN OPENSSH PRIVATE KEY-----", /private key/],
  ["=cmd|' /C calc'!A0", /No public key/],
])("the line %j is refused, and the good one beside it is not", (line, reason) => {
  const { keys, refused } = readImportedLines(`${line}\n${key("good")}\n`);
  expect(refused).toMatchObject([{ number: 1, reason: expect.stringMatching(reason) }]);
  expect(keys.map(({ comment }) => comment)).toEqual(["good"]);
});

test("weak keys are refused with their weakness", () => {
  const { keys, refused } = readImportedLines(keygen.generate("weak", "rsa", 1024));
  expect(keys).toEqual([]);
  expect(refused).toMatchObject([{ reason: expect.stringContaining("1024 bits") }]);
});

test("a certificate is refused", () => {
  keygen.generate("ca", "ed25519");
  keygen.generate("user", "ed25519");
  keygen.run("-q", "-s", "ca", "-I", "id", "user.pub");
  const { refused } = readImportedLines(keygen.read("user-cert.pub").toString());
  expect(refused).toMatchObject([{ reason: expect.stringContaining("certificate") }]);
});

test("one person has no thousand keys", () => {
  const text = Array.from({ length: 200 }, (_, index) => key(`k${index}`)).join("\n");
  const { keys, refused } = readImportedLines(text);
  expect(keys).toHaveLength(100);
  expect(refused).toHaveLength(50);
  expect(refused[0]!.reason).toMatch(/More than 100/);
});

test("whatever stands there, it is read without an error, and what is shown can be stored", () => {
  const piece = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("\n", "\r", "\0", " ", "\t", '"', "ssh-ed25519 ", "\ud800", key("a"), "command="),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const { keys, refused } = readImportedLines(pieces.join(""));
      for (const { comment } of keys) expect(comment).toMatch(/^[\x20-\x7e]*$/);
      for (const { text } of refused) {
        expect(text.isWellFormed() && !text.includes("\0")).toBe(true);
        expect(text.length).toBeLessThanOrEqual(160);
      }
    }),
    { numRuns: 500 },
  );
});
