import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { seal, unseal } from "@/lib/secrets/envelope";
import { readKeyFile, sealingKeyOf } from "@/lib/secrets/key-file";

const key = sealingKeyOf(Buffer.alloc(32, 1));
const otherKey = sealingKeyOf(Buffer.alloc(32, 2));
const place = { table: "TotpFactor", column: "secretSealed", row: "3f1c" };
const text = Buffer.from("JBSWY3DPEHPK3PXP");

describe("envelope", () => {
  test("what was sealed opens at its place", () => {
    expect(unseal(key, place, seal(key, place, text))).toEqual(text);
  });

  test("an empty value can be sealed", () => {
    expect(unseal(key, place, seal(key, place, Buffer.alloc(0)))).toHaveLength(0);
  });

  test("the same value sealed twice gives ciphertexts with nothing in common but the head", () => {
    const [one, two] = [seal(key, place, text), seal(key, place, text)];
    expect(one.subarray(9)).not.toEqual(two.subarray(9));
    expect(one.includes(text)).toBe(false);
  });

  test.each([
    ["table", { ...place, table: "Person" }],
    ["column", { ...place, column: "passwordHash" }],
    ["row", { ...place, row: "3f1d" }],
    ["split between the names", { table: "TotpFactorsecret", column: "Sealed", row: "3f1c" }],
  ])("a value moved to another %s does not open", (_, elsewhere) => {
    const sealed = seal(key, place, text);
    expect(() => unseal(key, elsewhere, sealed)).toThrow(/cannot be opened/);
  });

  test("another key does not open it, and the message says which backup to restore", () => {
    expect(() => unseal(otherKey, place, seal(key, place, text))).toThrow(/from the same backup/);
  });

  test("no single altered byte goes unnoticed", () => {
    const sealed = seal(key, place, text);
    for (let at = 0; at < sealed.length; at++) {
      const altered = Buffer.from(sealed);
      altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
      expect(() => unseal(key, place, altered), `byte ${at}`).toThrow(/cannot be opened/);
    }
  });

  test("no truncation goes unnoticed, a short tag included", () => {
    const sealed = seal(key, place, text);
    for (let length = 0; length < sealed.length; length++)
      expect(() => unseal(key, place, sealed.subarray(0, length)), `${length} bytes`).toThrow();
  });
});

describe("key file", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-keys-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("an absent key file says sealed, and is not made", () => {
    const file = path.join(folder, "absent.key");
    expect(() => readKeyFile(file)).toThrow(/sealed.*backup/s);
    expect(() => readKeyFile(file)).toThrow(/sealed/);
  });

  test.each([0, 16, 31, 33, 64])("a key file of %i bytes is refused", (length) => {
    const file = path.join(folder, `${length}.key`);
    writeFileSync(file, Buffer.alloc(length, 7));
    expect(() => readKeyFile(file)).toThrow(/damaged/);
  });

  test("a key file of 32 bytes opens what the same bytes sealed", () => {
    const file = path.join(folder, "web.key");
    writeFileSync(file, Buffer.alloc(32, 1));
    expect(unseal(readKeyFile(file), place, seal(key, place, text))).toEqual(text);
  });
});
