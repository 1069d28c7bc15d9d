import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addKey, findKey, removeKey, replaceOptions } from "@/lib/authorized-keys/edit";
import { listOptions, printOptions, type WrittenOption } from "@/lib/authorized-keys/option-list";
import { optionForms } from "@/lib/authorized-keys/option-table";
import { parseOptions } from "@/lib/authorized-keys/options";
import { parseAuthorizedKeys } from "@/lib/authorized-keys/parse";
import { decodeBase64 } from "@/lib/openssh-keys/base64";

const base64 = "AAAAC3NzaC1lZDI1NTE5AAAAIJl3dIeudNqd0DPMRD6OIh65tjkxFNOtwGcWB2gCgPhk";
const blob = decodeBase64(base64) ?? expect.fail("no base64");
const key = `ssh-ed25519 ${base64}`;
const otherBlob = blob.map((byte, index) => (index === 40 ? byte ^ 1 : byte));
const entry = { blob, comment: "alice", options: [] };
const restricted: WrittenOption[] = [{ name: "restrict" }, { name: "command", value: 'say "a, b"' }];

const textOf = (edit: { text?: string; reason?: string }) => edit.text ?? expect.fail(edit.reason);

describe("a key is added as the last line", () => {
  test.each([
    ["to an empty file", "", `${key} alice\n`],
    ["behind what is there", "# us\n", `# us\n${key} alice\n`],
    ["behind a line without its end", "# us", `# us\n${key} alice\n`],
    ["in a file of Windows", "# us\r\nbroken", `# us\r\nbroken\r\n${key} alice\r\n`],
    ["behind bytes that are no text", "\udcff\0\n", `\udcff\0\n${key} alice\n`],
  ])("%s", (_, before, after) => {
    expect(textOf(addKey(parseAuthorizedKeys(before), entry))).toBe(after);
  });

  test("with its options quoted as sshd reads them", () => {
    const text = textOf(addKey(parseAuthorizedKeys(""), { ...entry, options: restricted }));
    expect(text).toBe(`restrict,command="say \\"a, b\\"" ${key} alice\n`);
  });

  test("but not twice, whatever stands around it", () => {
    const file = parseAuthorizedKeys(`\n  no-pty ${key} somebody else\r\n`);
    expect(addKey(file, entry)).toMatchObject({
      line: 2,
      reason: expect.stringContaining("already, in line 2"),
    });
  });

  test("also when the same key is a CA's elsewhere, which is another thing", () => {
    const file = parseAuthorizedKeys(`cert-authority ${key}\n`);
    expect(addKey(file, entry).text).toBeDefined();
  });
});

describe("what would be more or less than one key is refused", () => {
  test.each([
    ["a newline in the comment", { ...entry, comment: `x\n${key}` }],
    ["a carriage return in the comment", { ...entry, comment: "x\ry" }],
    ["a NUL in the comment", { ...entry, comment: "x\0y" }],
    ["a comment that runs backwards", { ...entry, comment: "\u202ecilA" }],
    ["half a character in the comment", { ...entry, comment: "\ud83d" }],
    ["an escape in a value", { ...entry, options: [{ name: "command", value: "a\u001b[2K" }] }],
    ["a comment without end", { ...entry, comment: "x".repeat(2000) }],
    ["a newline in a value", { ...entry, options: [{ name: "command", value: `x"\n${key}` }] }],
    ["a value that swallows its quote", { ...entry, options: [{ name: "command", value: "dir C:\\" }] }],
    ["an option that nobody knows", { ...entry, options: [{ name: "sudo" }] }],
    ["an option smuggled in a name", { ...entry, options: [{ name: 'restrict,command="x"' }] }],
    ["an option without its value", { ...entry, options: [{ name: "command" }] }],
    ["a flag with a value", { ...entry, options: [{ name: "restrict", value: "yes" }] }],
    ["a value that sshd does not read", { ...entry, options: [{ name: "expiry-time", value: "tomorrow" }] }],
    ["an option twice that may stand once", { ...entry, options: [...restricted, ...restricted] }],
    ["a blob that is no key", { ...entry, blob: blob.subarray(1) }],
  ])("%s", (_, bad) => {
    expect(addKey(parseAuthorizedKeys(""), bad)).toEqual({ reason: expect.stringMatching(/./) });
  });

  test("an option that the host's sshd is too old for, since it would skip the line", () => {
    const options = [{ name: "verify-required" }];
    const file = parseAuthorizedKeys("");
    expect(addKey(file, { ...entry, options }, { release: 802 }).reason).toContain("would skip the line");
    expect(addKey(file, { ...entry, options }, { release: 902 }).text).toBeDefined();
  });
});

describe("an edit touches one line", () => {
  const lines = ["# caf\udce9\r\n", `  from="10.0.0.1",no-pty \t${key}  a  b \r\n`, "broken \0 line\n", key];
  const file = parseAuthorizedKeys(lines.join(""));

  test("that goes", () => {
    expect(textOf(removeKey(file, 2, blob))).toBe(lines.toSpliced(1, 1).join(""));
    expect(textOf(removeKey(file, 4, blob))).toBe(lines.slice(0, 3).join(""));
  });

  test("that gets other options; blanks, comment and line end stay", () => {
    const text = textOf(replaceOptions(file, 2, blob, restricted));
    expect(text).toBe(lines.with(1, `  restrict,command="say \\"a, b\\"" ${key}  a  b \r\n`).join(""));
    expect(textOf(replaceOptions(file, 2, blob, []))).toBe(lines.with(1, `  ${key}  a  b \r\n`).join(""));
  });

  test("and no other, when the file is not what it was", () => {
    expect(removeKey(file, 2, otherBlob).reason).toContain("read the file again");
    expect(removeKey(file, 1, blob).reason).toContain("read the file again");
    expect(replaceOptions(file, 9, blob, []).reason).toContain("read the file again");
  });

  test("all lines of a key are found", () => {
    expect(findKey(file, blob).map((line) => line.number)).toEqual([2, 4]);
  });
});

const anyOption = fc
  .constantFrom(...optionForms)
  .chain(({ name, hasValue }) =>
    hasValue
      ? fc.record({ name: fc.constant(name), value: fc.string({ unit: "binary" }) })
      : fc.constant({ name }),
  );

test("options that can be printed are read back as they were", () => {
  fc.assert(
    fc.property(fc.array(anyOption), (options) => {
      const printed = printOptions(options);
      if ("reason" in printed) return;
      expect(listOptions(printed.text)).toEqual(options);
    }),
  );
});

test("whatever is added, the file has one line more, the old ones are untouched, and the new one is the key", () => {
  const before = fc.string({
    unit: fc.constantFrom("\n", "\r\n", "\0", "#", " ", '"', key, "restrict", "\udcff"),
  });
  const comment = fc.string({ unit: "grapheme" });
  const options = fc.array(anyOption, { maxLength: 4 });
  fc.assert(
    fc.property(before, comment, options, (text, comment, options) => {
      const file = parseAuthorizedKeys(text);
      const edit = addKey(file, { blob: otherBlob, comment, options });
      if (edit.text === undefined) return;
      const after = parseAuthorizedKeys(edit.text);
      expect(edit.text.startsWith(text)).toBe(true);
      expect(after.lines).toHaveLength(file.lines.length + 1);
      const line = after.lines.at(-1);
      expect(line).toMatchObject({ kind: "key", comment: comment.trim() });
      if (line?.kind !== "key") return;
      expect(line.key.blob).toEqual(otherBlob);
      expect(listOptions(line.optionsText)).toEqual(options);
      const reading = parseOptions(line.optionsText);
      expect("options" in reading && reading.options).toEqual(line.options);
      expect(textOf(removeKey(after, after.lines.length, otherBlob))).toMatch(
        new RegExp(`^.{${text.length}}`, "s"),
      );
    }),
  );
});
