import { execFile } from "node:child_process";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { printBase64 } from "@/lib/openssh-keys/base64";
import { findSignatureFault, parseMessageSignature } from "@/lib/openssh-keys/verify-message";
import { blobOf, startKeygen } from "@/lib/testing/keygen";
import { SoftSecurityKey } from "@/lib/testing/security-key";
import { startSecurityKeyAgent } from "@/lib/testing/security-key-agent";

const keygen = startKeygen();
afterAll(() => keygen.remove());

const namespace = "gatehouse@example.org";
const message = Buffer.from("a challenge");
keygen.write("message", message);

/** What `ssh-keygen -Y sign` writes about the message. */
function signWith(key: string, { about = namespace, options = [] as string[] } = {}): string {
  keygen.run("-Y", "sign", "-q", ...options, "-n", about, "-f", key, "message");
  const text = keygen.read("message.sig").toString();
  keygen.remove("message.sig");
  return text;
}

async function faultOf(text: string, keyBlob: Uint8Array, about = message): Promise<string | undefined> {
  const reading = parseMessageSignature(text);
  if (!reading.signature) return reading.reason;
  return findSignatureFault(reading.signature, { keyBlob, namespace, message: about });
}

describe("a signature of ssh-keygen -Y sign", () => {
  test.each([
    ["ed25519", undefined],
    ["ecdsa", 256],
    ["ecdsa", 384],
    ["ecdsa", 521],
    ["rsa", 3072],
  ] as const)("by a key of type %s %s is valid for its message alone", async (type, bits) => {
    const name = `${type}${bits ?? ""}`;
    const keyBlob = blobOf(keygen.generate(name, type, bits));
    const text = signWith(name);
    expect(await faultOf(text, keyBlob)).toBeUndefined();
    expect(await faultOf(` ${text.replaceAll("\n", "\r\n")}\n`, keyBlob)).toBeUndefined();
    expect(await faultOf(text, keyBlob, Buffer.from("another"))).toMatch(/not a signature of this challenge/);
  });

  test("by the shorter hash is valid, too", async () => {
    const keyBlob = blobOf(keygen.generate("short", "ed25519"));
    expect(await faultOf(signWith("short", { options: ["-O", "hashalg=sha256"] }), keyBlob)).toBeUndefined();
  });

  test("for another namespace, or by another key, is refused and says so", async () => {
    const keyBlob = blobOf(keygen.generate("mine", "ed25519"));
    const other = blobOf(keygen.generate("other", "ed25519"));
    expect(await faultOf(signWith("mine", { about: "git" }), keyBlob)).toMatch(/signed for "git"/);
    expect(await faultOf(signWith("mine"), other)).toMatch(/another key has signed, SHA256:/);
  });

  test("by a certificate is refused", async () => {
    keygen.generate("ca", "ed25519");
    const keyBlob = blobOf(keygen.generate("certified", "ed25519"));
    keygen.run("-q", "-s", "ca", "-I", "id", "-n", "ann", "certified.pub");
    expect(await faultOf(signWith("certified-cert.pub"), keyBlob)).toMatch(/certificate/);
  });

  test("that was changed anywhere is refused or unreadable", async () => {
    const keyBlob = blobOf(keygen.generate("changed", "ed25519"));
    const body = signWith("changed").split("\n").slice(1, -2).join("");
    const bytes = Buffer.from(body, "base64");
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ flip : byte));
        expect(await faultOf(armored(changed), keyBlob)).toBeTruthy();
        expect(await faultOf(armored(bytes.subarray(0, at)), keyBlob)).toBeTruthy();
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ["nothing", ""],
    ["a public key", "ssh-ed25519 AAAA"],
    ["an empty signature", armored(new Uint8Array())],
    ["no base64", "-----BEGIN SSH SIGNATURE-----\nA\n-----END SSH SIGNATURE-----"],
    ["a text without end", "-----BEGIN SSH SIGNATURE-----".repeat(10_000)],
  ])("and not %s", (_, text) => {
    expect(parseMessageSignature(text)).toHaveProperty("reason");
  });
});

describe("a security key's signature, which ssh-keygen gets from an agent", () => {
  test.each([
    ["ed25519", 5],
    ["ecdsa", 1],
  ] as const)("of type %s is valid when it was touched", async (family, flags) => {
    const key = SoftSecurityKey.generate(family, "example.org");
    const text = await signByAgent(key, flags);
    expect(await faultOf(text, key.blob)).toBeUndefined();
    expect(parseMessageSignature(text)).toMatchObject({
      signature: { touch: { isPresent: true, isVerified: flags === 5, counter: 1 } },
    });
  });

  test("is refused untouched, and where it is of another application", async () => {
    const key = SoftSecurityKey.generate("ecdsa", "example.org");
    expect(await faultOf(await signByAgent(key, 4), key.blob)).toMatch(/not touched/);
    expect(await faultOf(await signByAgent(key, 5), key.of("example.com"))).toMatch(/another key/);
  });

  async function signByAgent(key: SoftSecurityKey, flags: number): Promise<string> {
    const agent = await startSecurityKeyAgent(key, flags);
    keygen.write("sk.pub", `${key.line}\n`);
    try {
      await promisify(execFile)(
        "ssh-keygen",
        ["-Y", "sign", "-q", "-n", namespace, "-f", "sk.pub", "message"],
        {
          cwd: keygen.folder,
          env: { ...process.env, SSH_AUTH_SOCK: agent.socket },
        },
      );
      const text = keygen.read("message.sig").toString();
      keygen.remove("message.sig");
      return text;
    } finally {
      await agent.close();
    }
  }
});

function armored(bytes: Uint8Array): string {
  return `-----BEGIN SSH SIGNATURE-----\n${printBase64(bytes)}\n-----END SSH SIGNATURE-----\n`;
}
