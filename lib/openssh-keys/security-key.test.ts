import { randomBytes } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import { fingerprint } from "@/lib/openssh-keys/public-key";
import { printSecurityKeyFile } from "@/lib/openssh-keys/security-key";
import { startKeygen } from "@/lib/testing/keygen";
import { SoftSecurityKey } from "@/lib/testing/security-key";

const keygen = startKeygen();
afterAll(() => keygen.remove());

describe.each(["ed25519", "ecdsa"] as const)("the file of a security key of type %s", (family) => {
  const key = SoftSecurityKey.generate(family, "gatehouse.example.org");

  test.each([
    [false, 16],
    [true, 64],
    [true, 255],
    [false, 1023],
  ])("with verification %s and a handle of %s bytes is what ssh-keygen reads", (isVerifyRequired, length) => {
    const keyHandle = randomBytes(length);
    const file = printSecurityKeyFile({ keyBlob: key.blob, keyHandle, isVerifyRequired, comment: "blue" }, 7);
    keygen.write("id_sk", file);
    expect(keygen.run("-y", "-f", "id_sk").trim()).toBe(key.line.replace(/ soft$/, " blue"));
    expect(keygen.run("-l", "-f", "id_sk")).toContain(` ${fingerprint(key.blob)} blue (`);
    // Once read and written again by OpenSSH itself, flags and handle stand where they stood.
    keygen.run("-p", "-q", "-P", "", "-N", "", "-f", "id_sk");
    const again = Buffer.from(keygen.read("id_sk").toString().split("\n").slice(1, -2).join(""), "base64");
    expect(
      again.includes(
        Buffer.concat([
          Buffer.from([isVerifyRequired ? 5 : 1, 0, 0]),
          Buffer.from([length >> 8, length & 255]),
          keyHandle,
        ]),
      ),
    ).toBe(true);
  });
});
