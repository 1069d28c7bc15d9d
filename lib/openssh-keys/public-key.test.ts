import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { parseBase64, printBase64 } from "@/lib/openssh-keys/base64";
import { parsePublicKey, printPublicKey, typeOfBlob } from "@/lib/openssh-keys/public-key";
import { concatenate, printString } from "@/lib/openssh-keys/wire";
import { fingerprintOf, generateManagementKey } from "@/lib/ssh/keys";

const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-keys-"));
afterAll(() => rmSync(folder, { recursive: true }));

function keygen(...args: string[]): string {
  return execFileSync("ssh-keygen", args, { cwd: folder, encoding: "utf8" });
}

describe("a public key that ssh-keygen made", () => {
  test.each([
    ["ed25519", []],
    ["ecdsa", ["-b", "256"]],
    ["ecdsa", ["-b", "384"]],
    ["ecdsa", ["-b", "521"]],
    ["rsa", ["-b", "2048"]],
  ])("of type %s %j is read, printed the same, and has ssh-keygen's fingerprint", (type, bits) => {
    const file = path.join(folder, `${type}${bits[1] ?? ""}`);
    keygen("-q", "-t", type, ...bits, "-N", "", "-C", "a comment", "-f", file);
    const line = readFileSync(`${file}.pub`, "utf8").trim();
    const key = parsePublicKey(line);
    expect(key && printPublicKey(key)).toBe(line);
    expect(keygen("-l", "-f", `${file}.pub`)).toContain(
      ` ${fingerprintOf(key?.blob ?? Buffer.alloc(0))} a comment`,
    );
  });
});

describe("a management key", () => {
  const { publicKey, privateKey } = generateManagementKey("gatehouse:test");

  test("has a private half in OpenSSH's format, from which ssh-keygen derives the public half", () => {
    const file = path.join(folder, "management");
    writeFileSync(file, privateKey.reveal(), { mode: 0o600 });
    expect(keygen("-y", "-f", file).trim()).toBe(publicKey);
  });

  test("is another one each time", () => {
    expect(generateManagementKey("gatehouse:test").publicKey).not.toBe(publicKey);
  });
});

describe("what is no public key is refused", () => {
  const good = generateManagementKey("c").publicKey;
  const [type = "", base64 = ""] = good.split(" ");
  const blob = parsePublicKey(good)?.blob ?? new Uint8Array();

  test.each([
    ["a label that is not the type inside", `ssh-rsa ${base64}`],
    ["an unknown type", `ssh-dss ${base64}`],
    ["options in front", `command="x" ${good}`],
    ["two lines", `${good}\n${good}`],
    ["bytes after the key", `${type} ${printBase64(concatenate([blob, new Uint8Array(3)]))}`],
    ["a key that is too short", `${type} ${printBase64(blob.subarray(0, -1))}`],
    ["base64 without padding where it is due", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"],
    ["nothing", ""],
  ])("%s", (_, line) => {
    expect(parsePublicKey(line)).toBeUndefined();
  });

  test("base64 in a second spelling", () => {
    expect(parseBase64("QQ==")).toEqual(new Uint8Array([0x41]));
    expect(parseBase64("QR==")).toBeUndefined();
    expect(parseBase64("QQ=")).toBeUndefined();
  });

  test("a length inside that reaches beyond the end", () => {
    const lying = concatenate([printString("ssh-ed25519"), new Uint8Array([255, 255, 255, 255, 1])]);
    expect(typeOfBlob(lying)).toBeUndefined();
  });

  test("arbitrary bytes, without throwing", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => typeOfBlob(bytes) === undefined));
    fc.assert(fc.property(fc.string(), (text) => parsePublicKey(text) === undefined));
  });

  test("a newline in a comment never reaches a line", () => {
    const key = parsePublicKey(good);
    expect(printPublicKey({ ...(key ?? expect.fail()), comment: "a\nssh-rsa AAAA" })).toBe(
      `${type} ${base64} assh-rsa AAAA`,
    );
  });
});
