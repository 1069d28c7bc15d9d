import { afterAll, describe, expect, test } from "vitest";
import { readPastedKey } from "@/lib/openssh-keys/pasted-key";
import { startKeygen } from "@/lib/testing/keygen";
import { SoftSecurityKey } from "@/lib/testing/security-key";

const keygen = startKeygen();
afterAll(() => keygen.remove());

const line = keygen.generate("ann", "ed25519");
const [type, base64] = line.split(" ");
const reasonOf = (text: string) => {
  const reading = readPastedKey(text);
  return reading.pasted ? "accepted" : reading.reason;
};

test.each([
  ["as ssh-keygen wrote it", `${line}\n`],
  ["from Windows", `${line}\r\n`],
  ["with blanks around it", `\n  ${line}  \n\n`],
  ["under a remark", `# my key\n${line}`],
])("a public key %s is read", (_, text) => {
  expect(readPastedKey(text)).toMatchObject({
    pasted: { key: { type: "ssh-ed25519", bits: 256 }, comment: "ann" },
  });
  const [, print] = keygen.run("-l", "-f", "ann.pub").split(" ");
  expect(readPastedKey(text)).toMatchObject({ pasted: { fingerprint: print } });
});

test("a comment is printable and short, whatever stands there", () => {
  const reading = readPastedKey(`${type} ${base64} a\u202eb\u0007c ${"x".repeat(500)}`);
  expect(reading.pasted?.comment).toMatch(/^abc x{96}$/);
});

test("a key of a security key says its application", () => {
  const key = SoftSecurityKey.generate("ecdsa", "ssh:work");
  expect(readPastedKey(key.line)).toMatchObject({ pasted: { key: { application: "ssh:work" } } });
});

describe("a private key is known as one, so that it is never sent", () => {
  const passphrase = (name: string, ...more: string[]) => {
    keygen.run("-q", "-t", "rsa", "-b", "2048", "-N", "secret-one", "-f", name, ...more);
    return keygen.read(name).toString();
  };
  test.each([
    ["OpenSSH's", () => keygen.read("ann").toString()],
    ["OpenSSH's with a passphrase", () => passphrase("locked")],
    ["PEM", () => passphrase("pem", "-m", "PEM")],
    ["PKCS #8", () => passphrase("pkcs8", "-m", "PKCS8")],
    ["one of PuTTY", () => "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n"],
    ["one after its public half", () => `${line}\n${keygen.read("ann")}`],
    ["one without its first line", () => keygen.read("ann").toString().split("\n").slice(1).join("\n")],
  ])("%s", (_, text) => {
    expect(readPastedKey(text())).toMatchObject({
      isPrivate: true,
      reason: expect.stringMatching(/^This is a private key/),
    });
  });
});

describe("refused, with what to do", () => {
  test.each([
    ["nothing", " \n", /one line/],
    ["two keys", `${line}\n${line}`, /one key at a time/],
    ["options in front", `no-pty ${line}`, /options stand in front/],
    ["a label that is not the type inside", `ssh-rsa ${base64}`, /of the type ssh-ed25519/],
    ["a key that is cut", line.slice(0, 60), /Copy the whole line/],
    ["another format", "---- BEGIN SSH2 PUBLIC KEY ----\nAAAA", /ssh-keygen -i -f/],
    ["PEM", "-----BEGIN PUBLIC KEY-----\nAAAA", /-m PKCS8/],
    ["an X.509 certificate", "-----BEGIN CERTIFICATE-----\nAAAA", /no public key of SSH/],
    ["a book", "x".repeat(20_000), /too long/],
  ])("%s", (_, text, reason) => {
    expect(reasonOf(text)).toMatch(reason);
  });

  test("short RSA and DSA keys, and certificates", () => {
    expect(reasonOf(keygen.generate("weak", "rsa", 1024))).toMatch(/1024 bits; fewer than 2048/);
    expect(reasonOf(keygen.generate("dsa", "dsa"))).toMatch(/DSA key/);
    keygen.run("-q", "-s", "ann", "-I", "id", "-n", "ann", "weak.pub");
    expect(reasonOf(keygen.read("weak-cert.pub").toString())).toMatch(/certificate/);
    expect(reasonOf(keygen.generate("good", "rsa", 2048))).toBe("accepted");
  });
});
