import { expect, test } from "vitest";
import { editKeys, type KeyEdits, modesSha256 } from "@/lib/features/changes/key-edits";
import { ed25519PublicKey, fingerprint, parsePublicKey, printPublicKey } from "@/lib/openssh-keys/public-key";

const key = (seed: number) => ed25519PublicKey(new Uint8Array(32).fill(seed), `key ${seed}`);
const line = (seed: number) => `${printPublicKey(key(seed))}\n`;
const printOf = (seed: number) => fingerprint(parsePublicKey(line(seed))?.blob ?? new Uint8Array());
const add = (seed: number, options: { name: string; value?: string }[] = []): KeyEdits[number] => ({
  kind: "add",
  fingerprint: printOf(seed),
  blob: Buffer.from(key(seed).blob).toString("base64"),
  comment: `key ${seed}`,
  options,
});
const edit = (text: string, edits: KeyEdits, release = 902) =>
  editKeys(Buffer.from(text, "latin1"), edits, { release });

test("foreign lines keep every byte, whatever is in them", () => {
  const foreign = "# caf\xe9\r\n\0\n  not a key at all\n\n";
  const done = edit(`${foreign}${line(1)}# end`, [{ kind: "remove", fingerprint: printOf(1) }, add(2)]);
  expect(done.reason).toBeUndefined();
  expect("bytes" in done && done.bytes.toString("latin1")).toBe(`${foreign}# end\n${line(2)}`);
});

test("every line of a removed key goes, and no other", () => {
  const text = `${line(1)}from="10.0.0.1" ${line(1)}${line(2)}`;
  expect(edit(text, [{ kind: "remove", fingerprint: printOf(1) }])).toMatchObject({ text: line(2) });
});

test("what is wanted already is no change", () => {
  expect(edit(line(1), [add(1)]).reason).toContain("Nothing would change");
  expect(edit(line(1), [{ kind: "remove", fingerprint: printOf(2) }]).reason).toContain(
    "Nothing would change",
  );
});

test("a line that this host's sshd would skip is refused", () => {
  const options = [{ name: "expiry-time", value: "20270101000000Z" }];
  expect(edit("", [add(1, options)], 804).reason).toContain("would skip the line");
  expect(edit("", [add(1, options)], 902)).toMatchObject({
    text: `expiry-time="20270101000000Z" ${line(1)}`,
  });
});

test("modes and lines are never changed in one", () => {
  expect(edit(line(1), [{ kind: "modes" }, add(2)]).reason).toContain("one after the other");
  expect(modesSha256("755,700,600")).toMatch(/^[0-9a-f]{64}$/);
});
