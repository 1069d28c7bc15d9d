import { expect, test } from "vitest";
import { visibleParts, visibleText } from "./visible-text";

test("ordinary text of any script stays as it is", () => {
  for (const text of ["OpenSSH_9.2p1 Debian-2+deb12u3", "Ubuntu – Jammy", "サーバー", "узел", "emoji 🗝"])
    expect(visibleText(text)).toBe(text);
});

test("a terminal escape shows itself instead of acting", () => {
  expect(visibleText("\u001b[31mroot\u0007")).toBe("\\e[31mroot\\x07");
});

test("C1 controls, which some terminals obey, are shown", () => {
  expect(visibleText("a\u009b31m")).toBe("a\\x9b31m");
});

test("bidirectional overrides cannot turn a name round", () => {
  expect(visibleText("user\u202Egpj.exe")).toBe("user\\u{202e}gpj.exe");
  expect(visibleText("\u2066a\u2069")).toBe("\\u{2066}a\\u{2069}");
});

test("zero-width characters cannot make two names look alike", () => {
  expect(visibleText("ro\u200Bot")).not.toBe("root");
  expect(visibleText("ro\u2060ot")).toBe("ro\\u{2060}ot");
  expect(visibleText("root\u{E0041}")).toBe("root\\u{e0041}");
});

test("a newline is shown in a name and kept in a log", () => {
  expect(visibleText("a\nb")).toBe("a\\nb");
  expect(visibleParts("a\nb", "\n")).toEqual([{ text: "a\nb", escaped: false, offset: 0 }]);
});

test("half of a surrogate pair does not break the page", () => {
  expect(visibleText("a\ud800b")).toBe("a\\u{d800}b");
});

test("escapes are marked, so that a host cannot write one and be taken for us", () => {
  expect(visibleParts("\\x07\u0007").map((part) => part.escaped)).toEqual([false, true]);
});

test("nothing is lost: plain parts and hits cover the whole text", () => {
  const text = "x\u0000y\u202Ez\n";
  const parts = visibleParts(text);
  expect(parts.map((part) => part.offset)).toEqual([0, 1, 2, 3, 4, 5]);
});
