import { describe, expect, test } from "vitest";
import { type KeyLine, parseAuthorizedKeys, printAuthorizedKeys } from "@/lib/authorized-keys/parse";
import { fingerprint } from "@/lib/openssh-keys/public-key";

const base64 = "AAAAC3NzaC1lZDI1NTE5AAAAIJl3dIeudNqd0DPMRD6OIh65tjkxFNOtwGcWB2gCgPhk";
const key = `ssh-ed25519 ${base64}`;

function lineOf(text: string, release?: number) {
  return parseAuthorizedKeys(text, { release }).lines[0] ?? expect.fail("no line");
}
function keyOf(text: string, release?: number): KeyLine {
  const line = lineOf(text, release);
  return line.kind === "key" ? line : expect.fail(`${line.kind}: ${"reason" in line ? line.reason : ""}`);
}

describe("a line that sshd reads", () => {
  test.each([
    ["a bare key", key, ""],
    ["a key with a comment", `${key} alice@laptop`, "alice@laptop"],
    ["blanks and tabs around", `\t ${key} \t  alice at home \t`, "alice at home"],
    ["Windows line ends", `${key} alice\r\n`, "alice"],
    ["Windows line ends without a comment", `${key}\r\n`, ""],
    ["what stands behind a NUL", `${key} alice\0ssh-rsa AAAA\n`, "alice"],
    ["a comment that looks like a key", `${key} ${key}`, key],
  ])("%s", (_, text, comment) => {
    expect(keyOf(text)).toMatchObject({ comment, typeName: "ssh-ed25519", base64 });
  });

  test("has the fingerprint of its key", () => {
    expect(fingerprint(keyOf(key).key.blob)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
  });

  test("has its options, and says where the key begins", () => {
    const line = keyOf(`  restrict,pty,from="10.0.0.0/8,!10.6.6.6",command="echo \\"hi\\"" ${key} bob`);
    expect(line.options).toMatchObject({
      permitsPty: true,
      permitsPortForwarding: false,
      from: "10.0.0.0/8,!10.6.6.6",
      command: 'echo "hi"',
    });
    expect(line.raw.slice(line.keyAt)).toBe(`${key} bob`);
    expect(line.optionsText).toBe('restrict,pty,from="10.0.0.0/8,!10.6.6.6",command="echo \\"hi\\""');
  });
});

describe("a line that sshd skips, and why", () => {
  test.each([
    ["an option that nobody knows", `no-such-option ${key}`, "options: unknown key option"],
    ["one option too many", `restrict,nonsense ${key}`, "options: unknown key option"],
    ["two commands", `command="a",command="b" ${key}`, 'options: multiple "command" clauses'],
    ["a value without quotes", `command=ls ${key}`, "options: missing start quote"],
    ["a quote that is not closed", `command="ls ${key}`, "a quote is opened and not closed"],
    ["a date that is none", `expiry-time="soon" ${key}`, "options: invalid expires time"],
    ["a key that is cut", key.slice(0, -8), "the key inside is not 32 bytes long"],
    ["a key that is no base64", `ssh-ed25519 !${base64}`, "the key is no base64"],
    [
      "the name of another type",
      `ssh-rsa ${base64}`,
      "the line says ssh-rsa, the key inside is of the type ssh-ed25519",
    ],
    ["a type in capitals", `SSH-ED25519 ${base64}`, "no type of key stands here"],
    ["a type without a key", "ssh-ed25519 ", "no key stands behind ssh-ed25519"],
    ["text", "hello, world", "no type of key stands here"],
  ])("%s", (_, text, reason) => {
    expect(lineOf(text)).toMatchObject({ kind: "broken", reason });
  });
});

describe("what depends on the version of sshd", () => {
  test("UTC in expiry-time is an error up to 9.0, and the line is skipped", () => {
    const line = `expiry-time="20300101Z" ${key}`;
    expect(lineOf(line, 809).kind).toBe("broken");
    expect(keyOf(line, 902).options.expiries).toMatchObject([{ isUtc: true }]);
  });

  test("verify-required is an error up to 8.3", () => {
    expect(lineOf(`verify-required ${key}`, 802).kind).toBe("broken");
    expect(keyOf(`verify-required ${key}`, 804).options.requiresVerification).toBe(true);
  });
});

describe("what is no key line", () => {
  test.each([
    ["", []],
    ["\n", ["blank"]],
    [" \t\r\n", ["blank"]],
    ["\0restrict\n", ["blank"]],
    ["# a comment\n  # another\n", ["comment", "comment"]],
    [`#${key}\n${key}`, ["comment", "key"]],
  ])("%j", (text, kinds) => {
    expect(parseAuthorizedKeys(text).lines.map((line) => line.kind)).toEqual(kinds);
  });
});

test("every byte of a file is given back", () => {
  const text = `# caf\udce9\r\n\n  ${key}\r\n\0\0\nbroken \0 line\n${key} no newline`;
  expect(printAuthorizedKeys(parseAuthorizedKeys(text))).toBe(text);
  const bytes = new Uint8Array([0x23, 0xe9, 0x0d, 0x0a, 0x00, 0xff]);
  expect(printAuthorizedKeys(parseAuthorizedKeys(bytes))).toBe("#\udce9\r\n\0\udcff");
});

test.each([
  ["blanks", " "],
  ["quotes", '"'],
  ["escaped quotes", '\\"'],
  ["commas", ","],
  ["options", "no-pty,"],
  ["environments", 'environment="A=1",'],
  ["base64", "AAAA"],
  ["NULs", "\0"],
  ["carriage returns", "\r"],
  ["newlines", "\n"],
  ["half keys", "ssh-ed25519 "],
])("a hundred thousand %s take no more than a moment", (_, piece) => {
  // The square of this would not end before the test's time is over.
  for (const text of [piece.repeat(1e5), `${piece.repeat(1e5)} ${key}`, `${key} ${piece.repeat(1e5)}x`]) {
    expect(printAuthorizedKeys(parseAuthorizedKeys(text)) === text).toBe(true);
  }
});
