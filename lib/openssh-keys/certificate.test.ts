import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { printBase64Url } from "@/lib/openssh-keys/base64";
import { type Certificate, parseCertificate } from "@/lib/openssh-keys/certificate";
import { fingerprint, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { verifyCertificate, verifySignature } from "@/lib/openssh-keys/verify";
import { concatenate, padMpint, printString, printUint32 } from "@/lib/openssh-keys/wire";
import { blobOf, type Keygen, keyOf, startKeygen } from "@/lib/testing/keygen";

let keygen: Keygen;
const kinds = [
  ["ed25519", undefined],
  ["ecdsa", 256],
  ["ecdsa", 384],
  ["ecdsa", 521],
  ["rsa", 2048],
] as const;

beforeAll(() => {
  keygen = startKeygen();
  for (const [type, bits] of kinds) keygen.generate(`${type}${bits ?? ""}`, type, bits);
  keygen.generate("rsa1024", "rsa", 1024);
});
afterAll(() => keygen.remove());

function signed(ca: string, name: string, ...args: string[]): Certificate {
  keygen.run("-q", "-s", ca, "-I", "an id", ...args, `${name}.pub`);
  const reading = parseCertificate(blobOf(keygen.read(`${name}-cert.pub`).toString()));
  return "certificate" in reading ? reading.certificate : expect.fail(reading.reason);
}

describe("a certificate that ssh-keygen signed", () => {
  test("says what ssh-keygen was told", () => {
    const certificate = signed(
      "ed25519",
      "ecdsa256",
      "-n",
      "alice,ops",
      "-z",
      "18446744073709551615",
      "-V",
      "20300101000000Z:20310101000000Z",
      "-O",
      "clear",
      "-O",
      "force-command=/bin/date",
      "-O",
      "permit-pty",
      "-O",
      "verify-required",
    );
    expect(certificate).toMatchObject({
      type: "ecdsa-sha2-nistp256-cert-v01@openssh.com",
      serial: 2n ** 64n - 1n,
      kind: "user",
      keyId: "an id",
      principals: ["alice", "ops"],
      validAfter: BigInt(Date.UTC(2030, 0) / 1000),
      validBefore: BigInt(Date.UTC(2031, 0) / 1000),
      extensions: [{ name: "permit-pty", data: new Uint8Array() }],
      signatureAlgorithm: "ssh-ed25519",
    });
    expect(certificate.criticalOptions.map(({ name }) => name)).toEqual(["force-command", "verify-required"]);
    expect(certificate.publicKey).toEqual(keyOf(keygen.read("ecdsa256.pub").toString()).blob);
    expect(certificate.signatureKey).toEqual(keyOf(keygen.read("ed25519.pub").toString()).blob);
  });

  test("for a host, for ever, for nobody in particular", () => {
    expect(signed("ed25519", "ed25519", "-h")).toMatchObject({
      kind: "host",
      principals: [],
      validAfter: 0n,
      validBefore: 2n ** 64n - 1n,
      extensions: [],
    });
  });

  test.each([
    ...kinds.map(([type, bits]) => [`${type}${bits ?? ""}`, []] as const),
    ["rsa2048", ["-t", "rsa-sha2-256"]] as const,
    ["rsa2048", ["-t", "ssh-rsa"]] as const,
  ])("by a CA of type %s %j is valid, and invalid after any change", async (ca, args) => {
    const certificate = signed(ca, "rsa1024", ...args);
    expect(await verifyCertificate(certificate)).toBe("valid");
    const at = certificate.signedPart.length - 60;
    const changed = certificate.signedPart.map((byte, index) => (index === at ? byte ^ 1 : byte));
    expect(await verifyCertificate({ ...certificate, signedPart: changed })).toBe("invalid");
    const other = certificate.signature.map((byte, index, all) =>
      index === all.length - 1 ? byte ^ 1 : byte,
    );
    expect(await verifyCertificate({ ...certificate, signature: other })).toBe("invalid");
    const { blob } = keyOf(keygen.read("rsa1024.pub").toString());
    expect(await verifyCertificate({ ...certificate, signatureKey: blob })).toBe("invalid");
  });

  test("has the fingerprint of its key", () => {
    signed("ed25519", "ecdsa384");
    const key = keyOf(keygen.read("ecdsa384-cert.pub").toString());
    expect(keygen.run("-l", "-f", "ecdsa384-cert.pub")).toContain(`384 ${fingerprint(key.blob)} `);
    expect(key).toMatchObject({ label: "ECDSA-CERT", bits: 384, curve: "nistp384" });
  });

  test("is refused when cut anywhere, or with a byte behind", () => {
    signed("ed25519", "ed25519", "-n", "alice");
    const blob = blobOf(keygen.read("ed25519-cert.pub").toString());
    for (let length = 0; length < blob.length; length++) {
      expect(parseCertificate(blob.subarray(0, length))).toHaveProperty("reason");
    }
    expect(parseCertificate(concatenate([blob, new Uint8Array(1)]))).toHaveProperty("reason");
  });
});

describe("a signature by a security key", () => {
  const sha256 = (data: Uint8Array | string) => createHash("sha256").update(data).digest();
  const message = new TextEncoder().encode("what is signed");
  const application = "ssh:gatehouse";
  const flags = new Uint8Array([5]);
  const counter = printUint32(7);
  const authenticated = (hash: Uint8Array) =>
    concatenate([sha256(application), flags, counter, new Uint8Array(), hash]);

  test("of the Ed25519 kind is valid; for another message or application it is not", async () => {
    const pair = generateKeyPairSync("ed25519");
    const raw = Buffer.from(pair.publicKey.export({ format: "jwk" }).x ?? "", "base64url");
    const type = printString("sk-ssh-ed25519@openssh.com");
    const blob = (name: string) => concatenate([type, printString(raw), printString(name)]);
    const value = sign(null, authenticated(sha256(message)), pair.privateKey);
    const signature = concatenate([type, printString(value), flags, counter]);
    expect(await verifySignature(blob(application), message, signature)).toBe("valid");
    expect(await verifySignature(blob("ssh:other"), message, signature)).toBe("invalid");
    expect(await verifySignature(blob(application), message.subarray(1), signature)).toBe("invalid");
  });

  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = pair.publicKey.export({ format: "jwk" });
  const point = concatenate([new Uint8Array([4]), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
  const name = "sk-ecdsa-sha2-nistp256@openssh.com";
  const blob = concatenate([name, "nistp256", point, application].map(printString));
  const signEcdsa = (data: Uint8Array) => {
    const raw = sign("sha256", data, { key: pair.privateKey, dsaEncoding: "ieee-p1363" });
    const trim = (bytes: Uint8Array) => bytes.subarray(bytes.findIndex((byte) => byte !== 0));
    return printString(
      concatenate([raw.subarray(0, 32), raw.subarray(32)].map((half) => printString(padMpint(trim(half))))),
    );
  };

  test("of the ECDSA kind is valid, and not with another counter", async () => {
    const value = signEcdsa(authenticated(sha256(message)));
    expect(parsePublicKey(blob)).toMatchObject({ key: { label: "ECDSA-SK", application } });
    const signature = (count: number) => concatenate([printString(name), value, flags, printUint32(count)]);
    expect(await verifySignature(blob, message, signature(7))).toBe("valid");
    expect(await verifySignature(blob, message, signature(8))).toBe("invalid");
  });

  test("from a browser is valid when the browser's data is about this message, and only then", async () => {
    const signature = (challenge: Uint8Array, origin: string) => {
      const data = `{"type":"webauthn.get","challenge":"${printBase64Url(challenge)}","origin":"${origin}","crossOrigin":false}`;
      const parts = [printString(`webauthn-${name}`), signEcdsa(authenticated(sha256(data))), flags, counter];
      return concatenate([...parts, printString("https://gate.example"), printString(data), printString("")]);
    };
    const good = signature(message, "https://gate.example");
    expect(await verifySignature(blob, message, good)).toBe("valid");
    expect(await verifySignature(blob, message.subarray(1), good)).toBe("invalid");
    expect(await verifySignature(blob, message, signature(message, "https://evil.example"))).toBe("invalid");
  });
});
