import { expect, test } from "vitest";
import { isMagic, matchesName } from "@/lib/sshd-config/glob";

test.each([
  ["9.conf", "[0-9]*.conf", true],
  ["a.conf", "[!0-9]*", true],
  ["9.conf", "[!0-9]*", false],
  ["^.conf", "[^a].conf", true],
  ["a.conf", "[^a].conf", true],
  ["b.conf", "[^a].conf", false],
  ["].conf", "[]a].conf", true],
  ["7.conf", "[[:digit:]].conf", true],
  ["x.conf", "[[:digit:]a-x].conf", true],
  ["x.conf", "[[:nothing:]x].conf", false],
  ["[a-", "[a-", true],
  ["[x].conf", "\\[x\\].conf", true],
  [".x", "*", false],
  [".x", ".*", true],
  ["a".repeat(40), `${"a*".repeat(20)}b`, false],
] as const)("sshd's own glob: %s against %s", (name, pattern, expected) => {
  expect(matchesName(name, pattern)).toBe(expected);
});

test("a bracket that is never closed is no wildcard", () => {
  expect(isMagic("[a-")).toBe(false);
  expect(isMagic("[a]")).toBe(true);
  expect(isMagic("a\\*")).toBe(false);
});
