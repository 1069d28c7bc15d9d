import { expect, test } from "vitest";
import { localPath } from "./local-path";

test("a page of ours is kept, with its filters", () => {
  expect(localPath("/hosts?q=web&page=2")).toBe("/hosts?q=web&page=2");
});

test.each([
  "//evil.example",
  "/\\evil.example",
  "https://evil.example",
  "javascript:alert(1)",
  "/\t/evil.example",
  "/@evil.example\n",
  "",
])("%j leads home, not away", (wanted) => {
  expect(localPath(wanted)).toBe("/");
});

test("signing in does not lead back to signing in", () => {
  expect(localPath("/sign-in?next=/hosts")).toBe("/");
});
