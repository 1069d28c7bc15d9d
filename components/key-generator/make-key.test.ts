import { afterAll, describe, expect, test } from "vitest";
import { commentOf, findObstacle, makeKey } from "@/components/key-generator/make-key";
import { generatedKinds } from "@/lib/openssh-keys/generated-key";
import { startKeygen } from "@/lib/testing/keygen";
import { kindWords } from "./kinds";

const keygen = startKeygen();
afterAll(() => keygen.remove());

describe("a key that is made", () => {
  test.each(["", "four honest grey wolves"])(
    "with the passphrase %j is read with it alone",
    async (passphrase) => {
      const made = await makeKey("ed25519", "work", passphrase);
      keygen.write("made", made.privateFile);
      expect(keygen.run("-y", "-P", passphrase, "-f", "made").trim()).toBe(made.publicLine);
      expect(keygen.run("-l", "-f", "made")).toContain(made.fingerprint);
      if (passphrase) expect(() => keygen.run("-y", "-P", "", "-f", "made")).toThrow(/incorrect passphrase/);
    },
  );

  test("is another one each time, and so are its salt and its check numbers", async () => {
    const [one, other] = [await makeKey("ed25519", "", "wolves"), await makeKey("ed25519", "", "wolves")];
    expect(one.publicLine).not.toBe(other.publicLine);
    const headOf = (file: string) =>
      Buffer.from(file.replace(/-----.*-----|\n/g, ""), "base64").subarray(0, 70);
    expect(headOf(one.privateFile)).not.toEqual(headOf(other.privateFile));
  });
});

test.each([
  ["Work laptop", "Work-laptop"],
  ["  Zoë's  Mac\n", "Zo's-Mac"],
  ["a\nssh-ed25519 AAAA", "assh-ed25519-AAAA"],
  ["☂", ""],
])("the name %j is the comment %j", (name, comment) => {
  expect(commentOf(name)).toBe(comment);
});

test("each kind has words and a file name that ssh looks for; keys can be made here", () => {
  for (const kind of generatedKinds) expect(kindWords[kind].fileName).toMatch(/^id_(ed25519|ecdsa|rsa)$/);
  expect(findObstacle()).toBeUndefined();
});
