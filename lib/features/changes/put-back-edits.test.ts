import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { editKeys, KeyEdits } from "@/lib/features/changes/key-edits";
import { exactlyBefore, type KeptKeyChange, putBackEdits } from "@/lib/features/changes/put-back-edits";
import { ed25519PublicKey, printPublicKey } from "@/lib/openssh-keys/public-key";

const line = (seed: number) =>
  `${printPublicKey(ed25519PublicKey(new Uint8Array(32).fill(seed), `key ${seed}`))}\n`;
const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");
const context = { release: 902 };

function kept(before: string, after: string, isThere = true): KeptKeyChange {
  const baseSha256 = isThere ? sha256(before) : "absent";
  const id = "6a3c3ff0-51b5-4a4e-8f4c-0d3f4d8d2f4b";
  return { id, baseContent: before, baseSha256, newSha256: sha256(after), keyBytes: Buffer.from(after) };
}

/** The file that comes of undoing the change in a file as it is now. */
function putBack(change: KeptKeyChange, now: string) {
  const edits = putBackEdits(change, context);
  expect(KeyEdits.safeParse(edits).success).toBe(true);
  const isExact = edits.some(({ kind }) => kind === "back");
  const exact = isExact ? exactlyBefore(change, sha256(now)) : undefined;
  const edited = exact ?? editKeys(Buffer.from(now), edits, context);
  return edited.reason === undefined ? edited.bytes.toString() : edited.reason;
}

test("a file that nobody has touched since becomes what it was, byte for byte", () => {
  const before = `# café\r\n${line(1)}\n  restrict,command="a \\"b\\""   ${line(2)}no key\n`;
  const after = `# café\r\n${line(1)}\nno key\n${line(3)}`;
  expect(putBack(kept(before, after), after)).toBe(before);
});

test("what others did since stays, and the lines go and come as far as they are meant", () => {
  const before = `${line(1)}from="10.0.0.1" ${line(2)}`;
  const change = kept(before, `${line(1)}${line(3)}`);
  const now = `${line(1)}${line(3)}${line(4)}# mine\n`;
  expect(putBack(change, now)).toBe(`${line(1)}${line(4)}# mine\nfrom="10.0.0.1" ${line(2)}`);
});

test("a line that is not where the change has put it is not taken for it", () => {
  const change = kept(line(1), `${line(1)}${line(3)}`);
  expect(putBack(change, `${line(1)}restrict ${line(3)}`)).toContain("not as it was seen any more");
  expect(putBack(change, `# new\n${line(1)}${line(3)}`)).toContain("not as it was seen any more");
});

test("a file that was not there is left empty, and options that were set are as before", () => {
  expect(putBack(kept("", line(1), false), line(1))).toBe("");
  expect(putBack(kept(line(1), `restrict ${line(1)}`), `restrict ${line(1)}# x\n`)).toBe(`# x\n${line(1)}`);
});

test("of two equal lines the one that came goes", () => {
  const change = kept(line(1), `${line(1)}${line(1)}`);
  expect(putBackEdits(change, context)).toMatchObject([
    { kind: "remove", seen: { line: 2 } },
    { kind: "back" },
  ]);
  expect(putBackEdits(kept("# a\n", "# b\n"), context)).toEqual([]);
});

test("a line that sshd skips does not come back with the key that it went with", () => {
  const skipped = `no-such-option ${line(2)}`;
  const change = kept(`${skipped}${line(1)}`, "");
  expect(putBackEdits(change, context)).toMatchObject([{ kind: "add" }]);
  expect(putBack(change, "# x\n")).toBe(`# x\n${line(1)}`);
});
