import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parsePublicKey } from "@/lib/openssh-keys/public-key";
import { parseRevokedKeys, type RevokedKeys } from "@/lib/openssh-keys/revoked-keys";
import { concatenate, printString, printUint32 } from "@/lib/openssh-keys/wire";
import { blobOf, type Keygen, keyOf, startKeygen } from "@/lib/testing/keygen";

let keygen: Keygen;
const serials = [0, 1, 5, 6, 7, 9, 400, 402, 70_000];

beforeAll(() => {
  keygen = startKeygen();
  for (const name of ["ca", "ca2", "alice", "bob", "carol"]) keygen.generate(name, "ed25519");
  keygen.generate("rsa", "rsa", 1024);
  for (const ca of ["ca", "ca2"]) {
    for (const serial of serials) {
      keygen.write(`${ca}-${serial}.pub`, keygen.read("alice.pub"));
      keygen.run("-q", "-s", ca, "-I", `id ${serial}`, "-z", String(serial), `${ca}-${serial}.pub`);
    }
  }
});
afterAll(() => keygen.remove());

const keyIn = (file: string) => keyOf(keygen.read(file).toString());
const certificateFiles = () =>
  ["ca", "ca2"].flatMap((ca) => serials.map((serial) => `${ca}-${serial}-cert.pub`));
const keyFiles = ["ca.pub", "ca2.pub", "alice.pub", "bob.pub", "carol.pub", "rsa.pub"];

function read(bytes: Uint8Array): RevokedKeys {
  const reading = parseRevokedKeys(bytes);
  return reading.revoked ?? expect.fail(reading.reason);
}

/** ssh-keygen's own answer, one line a file; it exits 1 when any is revoked. */
function revokedByKeygen(list: string, files: string[]): string[] {
  let output = "";
  try {
    output = keygen.run("-Q", "-f", list, ...files);
  } catch (error) {
    output = error instanceof Error && "stdout" in error ? String(error.stdout) : "";
  }
  return output.split("\n").flatMap((line) => /^(\S+) .*: REVOKED$/.exec(line)?.[1] ?? []);
}

describe("a KRL of ssh-keygen revokes what ssh-keygen says it revokes", () => {
  test.each([
    "serial: 5",
    "serial: 5-7",
    "serial: 1\nserial: 5\nserial: 7\nserial: 9\nserial: 400",
    "serial: 400-70000",
    "id: id 6\nid: id 402",
    "serial: 9\nid: id 7",
  ])("%j of one CA", (specification) => {
    keygen.write("spec", `${specification}\n`);
    keygen.run("-q", "-k", "-f", "krl", "-s", "ca.pub", "spec");
    const revoked = read(keygen.read("krl"));
    const expected = revokedByKeygen("krl", certificateFiles());
    expect(expected.length).toBeGreaterThan(0);
    expect(certificateFiles().filter((file) => revoked.isRevoked(keyIn(file)))).toEqual(expected);
    expect(revoked.format).toBe("krl");
  });

  test.each([
    ["keys themselves", ["-k", "-f", "krl", "alice.pub", "rsa.pub"], undefined],
    ["a CA, and with it all of its certificates", ["-k", "-f", "krl", "ca2.pub"], undefined],
    ["a certificate without a serial, by its key ID", ["-k", "-f", "krl", "ca-0-cert.pub"], undefined],
    ["hashes", ["-k", "-f", "krl", "spec"], "sha1"],
    ["SHA-256 hashes", ["-k", "-f", "krl", "spec"], "sha256"],
    ["key IDs of every CA", ["-k", "-f", "krl", "-s", "none", "spec"], "id"],
  ])("%s", (_, args, kind) => {
    if (kind === "id") keygen.write("spec", "id: id 5\n");
    else if (kind) keygen.write("spec", `${kind}: ${keygen.read("bob.pub").toString().trim()}\n`);
    keygen.run("-q", ...args);
    const files = [...keyFiles, ...certificateFiles()];
    const revoked = read(keygen.read("krl"));
    const expected = revokedByKeygen("krl", files);
    expect(expected.length).toBeGreaterThan(0);
    expect(files.filter((file) => revoked.isRevoked(keyIn(file)))).toEqual(expected);
  });
});

describe("a list of keys in text", () => {
  test("revokes its keys, certificates of them, and certificates of a CA in it", () => {
    const list = `# gone\n\n  ${keygen.read("ca.pub")}\t${keygen.read("bob.pub")}`;
    const revoked = read(new TextEncoder().encode(list));
    const files = [...keyFiles, "ca-1-cert.pub", "ca2-1-cert.pub"];
    expect(files.filter((file) => revoked.isRevoked(keyIn(file)))).toEqual([
      "ca.pub",
      "bob.pub",
      "ca-1-cert.pub",
    ]);
    expect(revoked).toMatchObject({ format: "text", count: 2 });
  });

  test("revokes nothing when it is empty", () => {
    expect(read(new Uint8Array()).isRevoked(keyIn("bob.pub"))).toBe(false);
  });

  test.each([
    ["a comment behind nothing", "hello"],
    ["options in front of a key", 'from="*" KEY'],
    ["an empty line with a carriage return", "\r"],
    ["a key that is cut", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5"],
  ])("with %s makes sshd refuse every key", (_, line) => {
    const key = keygen.read("bob.pub").toString().trim();
    const text = `${key}\n${line.replace("KEY", key)}\n`;
    expect(parseRevokedKeys(new TextEncoder().encode(text))).toMatchObject({ line: 2 });
  });
});

describe("a damaged KRL makes sshd refuse every key", () => {
  test("cut anywhere behind its first bytes, or with a byte behind", () => {
    keygen.write("spec", "serial: 1-4\nid: someone\n");
    keygen.run("-q", "-k", "-f", "krl", "-s", "ca.pub", "spec", "bob.pub");
    const bytes = keygen.read("krl");
    const boundaries: number[] = [];
    for (let length = 8; length < bytes.length; length++) {
      if (parseRevokedKeys(bytes.subarray(0, length)).revoked) boundaries.push(length);
    }
    // Whole sections may be missing without anybody noticing: behind the header, and behind the first section.
    expect(boundaries.length).toBeLessThanOrEqual(2);
    expect(parseRevokedKeys(concatenate([bytes, new Uint8Array([1])])).revoked).toBeUndefined();
  });

  const header = (version = 1) =>
    concatenate([
      new TextEncoder().encode("SSHKRL\n\0"),
      printUint32(version),
      new Uint8Array(24),
      printString(""),
      printString("comment"),
    ]);
  const part = (type: number, ...parts: Uint8Array[]) =>
    concatenate([new Uint8Array([type]), printString(concatenate(parts))]);
  const extension = (critical: number) =>
    part(255, printString("x@example.com"), new Uint8Array([critical]), printString(""));

  test.each([
    ["of another version", header(2)],
    ["with an unknown section", concatenate([header(), part(77)])],
    ["with a fingerprint of the wrong length", concatenate([header(), part(5, printString("short"))])],
    ["with a critical extension", concatenate([header(), extension(1)])],
    [
      "with a serial number zero",
      concatenate([header(), part(1, printString(""), printString(""), part(0x20, new Uint8Array(8)))]),
    ],
    ["with a CA that is no key", concatenate([header(), part(1, printString("ca"), printString(""))])],
  ])("%s", (_, bytes) => {
    expect(parseRevokedKeys(bytes).revoked).toBeUndefined();
  });

  test("an extension that is not critical is skipped, from OpenSSH 9.4 on", () => {
    const bytes = concatenate([header(), extension(0)]);
    expect(parseRevokedKeys(bytes, 906).revoked).toBeDefined();
    expect(parseRevokedKeys(bytes, 902).revoked).toBeUndefined();
  });
});

test("two spellings of an RSA key are one key", () => {
  const blob = blobOf(keygen.read("rsa.pub").toString());
  // ssh-rsa, e = 65537 in three bytes; with two zeros in front it is the same number.
  const end = 4 + "ssh-rsa".length;
  const spelled = concatenate([
    blob.subarray(0, end),
    printString(new Uint8Array([0, 0, 1, 0, 1])),
    blob.subarray(end + 4 + 3),
  ]);
  const key = parsePublicKey(spelled).key ?? expect.fail("no key");
  const revoked = read(keygen.read("rsa.pub"));
  expect(key.blob).toEqual(blob);
  expect(revoked.isRevoked(key)).toBe(true);
});
