import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { parseBase64, printBase64 } from "@/lib/openssh-keys/base64";
import { fingerprint, parsePublicKey, printPublicKey, typeOfBlob } from "@/lib/openssh-keys/public-key";
import { concatenate, padMpint, printString } from "@/lib/openssh-keys/wire";
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
    const blob = key?.blob ?? Buffer.alloc(0);
    expect(keygen("-l", "-f", `${file}.pub`)).toContain(` ${fingerprintOf(blob)} a comment`);
    expect(fingerprint(blob)).toBe(fingerprintOf(blob));
    expect(keygen("-l", "-E", "md5", "-f", `${file}.pub`)).toContain(
      ` ${fingerprint(blob, "md5")} a comment`,
    );
    expect(parsePublicKey(blob)).toMatchObject({ key: { bits: Number(bits[1] ?? 256), blob } });
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

describe("a key blob is read as OpenSSH loads it", () => {
  const point = (hex: string) => concatenate([new Uint8Array([4]), Buffer.from(hex, "hex")]);
  // The base point of P-256 (SEC 2, 2.4.2).
  const base =
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
  const ecdsa = (bytes: Uint8Array) => strings("ecdsa-sha2-nistp256", "nistp256", bytes);
  const strings = (...parts: (string | Uint8Array)[]) => concatenate(parts.map(printString));
  const rsa = (bits: number) => {
    const modulus = new Uint8Array(Math.ceil(bits / 8)).fill(0xff);
    modulus[0] = 2 ** (((bits - 1) % 8) + 1) - 1;
    return strings("ssh-rsa", new Uint8Array([3]), padMpint(modulus));
  };

  test("and says what kind of key it is", () => {
    expect(parsePublicKey(ecdsa(point(base)))).toMatchObject({
      key: { type: "ecdsa-sha2-nistp256", label: "ECDSA", bits: 256, curve: "nistp256" },
    });
    expect(
      parsePublicKey(strings("sk-ssh-ed25519@openssh.com", new Uint8Array(32), "ssh:work")),
    ).toMatchObject({
      key: { label: "ED25519-SK", application: "ssh:work", keyType: { isSecurityKey: true } },
    });
    expect(parsePublicKey(strings("ssh-mldsa44-ed25519@openssh.com", new Uint8Array(1344)))).toMatchObject({
      key: { label: "MLDSA44-ED25519", keyType: { since: 1004 } },
    });
    expect(parsePublicKey(rsa(1027))).toMatchObject({ key: { label: "RSA", bits: 1027 } });
  });

  test("and is the key of another spelling", () => {
    const plain = ecdsa(point(base));
    const odd = strings("ecdsa-sha2-nistp256\0", "nistp256\0", point(base));
    expect(parsePublicKey(odd)).toMatchObject({ key: { blob: plain } });
    expect(typeOfBlob(plain)).toBe("ecdsa-sha2-nistp256");
    expect(typeOfBlob(odd)).toBeUndefined();
  });

  test.each([
    ["a point beside the curve", ecdsa(point(`${base.slice(0, -1)}4`))],
    ["a compressed point", ecdsa(concatenate([new Uint8Array([3]), Buffer.from(base.slice(0, 64), "hex")]))],
    ["a coordinate beyond the field", ecdsa(point("ff".repeat(64)))],
    ["the point at infinity", ecdsa(new Uint8Array([0]))],
    ["RSA of 1023 bits", rsa(1023)],
    ["RSA of 16,392 bits", rsa(16_392)],
    ["a negative modulus", strings("ssh-rsa", new Uint8Array([3]), new Uint8Array(256).fill(0xff))],
    ["an application with a NUL inside", strings("sk-ssh-ed25519@openssh.com", new Uint8Array(32), "s\0h")],
    ["XMSS", strings("ssh-xmss@openssh.com", "XMSS_SHA2-256_W16_H10", new Uint8Array(64))],
    ["a name in other case", strings("SSH-ED25519", new Uint8Array(32))],
    ["nothing", new Uint8Array()],
  ])("but not %s", (_, blob) => {
    expect(parsePublicKey(blob)).toHaveProperty("reason");
  });

  test("and arbitrary bytes are read or refused, never more", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(50), (bytes, cut) => {
        const good = ecdsa(point(base));
        for (const blob of [bytes, concatenate([good.subarray(0, good.length - cut), bytes])]) {
          const reading = parsePublicKey(blob);
          expect(reading.key ?? ("reason" in reading && reading.reason)).toBeTruthy();
        }
      }),
    );
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
