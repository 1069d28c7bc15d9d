import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeFile } from "@/lib/features/config/file-text";

test("a file that may be edited comes back byte for byte", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const { text, notEditable } = decodeFile(bytes);
      if (notEditable === null) expect(Buffer.from(text, "utf8")).toEqual(Buffer.from(bytes));
    }),
    { numRuns: 1000 },
  );
});

test("a byte order mark stays", () => {
  expect(decodeFile(Buffer.from("\uFEFFUseDNS no\n")).text).toBe("\uFEFFUseDNS no\n");
});

test("Latin-1 and NUL are shown, but not edited", () => {
  expect(decodeFile(Buffer.from("# Gr\xfc\xdfe\n", "latin1")).notEditable).toMatch(/not UTF-8/);
  expect(decodeFile(Buffer.from("Banner a\0b\n")).notEditable).toMatch(/NUL/);
});
