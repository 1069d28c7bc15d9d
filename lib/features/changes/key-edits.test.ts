import { expect, test } from "vitest";
import { parseAuthorizedKeys } from "@/lib/authorized-keys/parse";
import { editKeys, type KeyEdits, modesSha256 } from "@/lib/features/changes/key-edits";
import { ed25519PublicKey, fingerprint, parsePublicKey, printPublicKey } from "@/lib/openssh-keys/public-key";
import { lineSha256 } from "@/lib/ssh/keys";

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
const bytesOf = (text: string) => Buffer.from(text, "latin1");
const edit = (text: string, edits: KeyEdits, release = 902) => editKeys(bytesOf(text), edits, { release });

test("foreign lines keep every byte, whatever is in them", () => {
  const foreign = "# caf\xe9\r\n\0\n  not a key at all\n\n";
  const done = edit(`${foreign}${line(1)}# end`, [{ kind: "remove", fingerprint: printOf(1) }, add(2)]);
  expect(done.reason).toBeUndefined();
  expect("bytes" in done && done.bytes.toString("latin1")).toBe(`${foreign}# end\n${line(2)}`);
});

/** The removal of one line, as somebody sees it in this text. */
function removal(text: string, number: number, seed = 1): KeyEdits[number] {
  const seen = parseAuthorizedKeys(text).lines[number - 1];
  if (seen?.kind !== "key") return expect.fail(`line ${number} is no key`);
  return {
    kind: "remove",
    fingerprint: printOf(seed),
    seen: { line: number, sha256: lineSha256(seen) },
  };
}

test("of several lines with one key only the lines that were seen go", () => {
  const [authority, limited] = [`cert-authority ${line(1)}`, `from="10.0.0.1" ${line(1)}`];
  const text = `${authority}${limited}# caf\xe9\n${line(1)}${line(2)}`;
  expect(edit(text, [removal(text, 4)])).toMatchObject({
    bytes: bytesOf(text.replace(`\n${line(1)}`, "\n")),
  });
  expect(edit(text, [removal(text, 1)])).toMatchObject({ bytes: bytesOf(text.replace(authority, "")) });
  expect(edit(text, [removal(text, 2), removal(text, 4)])).toMatchObject({
    bytes: bytesOf(`${authority}# caf\xe9\n${line(2)}`),
  });
});

test("a line that is not as it was seen is not removed, nor another one for it", () => {
  const text = `${line(1)}${line(2)}`;
  const going = removal(text, 1);
  for (const now of [`# new\n${text}`, `restrict ${text}`, line(2), `${line(2)}${line(1)}`])
    expect(edit(now, [going]).reason).toContain("line 1 is not as it was seen any more");
  expect(edit(`${line(1).trimEnd()}\r\n`, [going])).toMatchObject({ text: "" });
});

test("a removal of before, without a line, takes every line of the key but never an authority", () => {
  const authority = `cert-authority ${line(1)}`;
  const text = `${line(1)}${authority}from="10.0.0.1" ${line(1)}${line(2)}`;
  expect(edit(text, [{ kind: "remove", fingerprint: printOf(1) }])).toMatchObject({
    text: `${authority}${line(2)}`,
  });
});

test("other options are set by removing the line and adding the key", () => {
  const text = `${line(1)}${line(2)}`;
  const restricted = add(1, [{ name: "restrict" }]);
  expect(edit(text, [removal(text, 1), restricted])).toMatchObject({ text: `${line(2)}restrict ${line(1)}` });
  expect(edit(text, [restricted]).reason).toMatch(/there already, in line 1, with other options/);
  expect(edit(text, [add(1)]).reason).toContain("Nothing would change");
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
