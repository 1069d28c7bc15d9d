import { expect, test } from "vitest";
import { completeLock } from "./complete-lock.mjs";

function lockOf(optionalDependencies: Record<string, string>, more: Record<string, unknown> = {}) {
  return {
    packages: { "": {}, "node_modules/tool": { version: "1.0.0", dev: true, optionalDependencies }, ...more },
  };
}

test("adds another platform's binary with what npm needs to skip it here", () => {
  const lock = lockOf({ "@tool/cli-linux-arm64-musl": "1.0.0" });
  expect(completeLock(lock).added).toEqual(["@tool/cli-linux-arm64-musl@1.0.0"]);
  expect(lock.packages).toMatchObject({
    "node_modules/@tool/cli-linux-arm64-musl": {
      version: "1.0.0",
      os: ["linux"],
      cpu: ["arm64"],
      libc: ["musl"],
      optional: true,
      dev: true,
    },
  });
});

test.each(["node_modules/@tool/win32-x64", "node_modules/tool/node_modules/@tool/win32-x64"])(
  "leaves alone what the lock holds at %s",
  (place) => {
    const lock = lockOf({ "@tool/win32-x64": "1.0.0" }, { [place]: { version: "1.0.0" } });
    expect(completeLock(lock).added).toEqual([]);
  },
);

test("does not guess a version out of a range", () => {
  expect(completeLock(lockOf({ fsevents: "^2.3.0" }))).toEqual({ added: [], inexact: ["fsevents@^2.3.0"] });
});

test("a second run adds nothing", () => {
  const lock = lockOf({ "@tool/darwin-arm64": "1.0.0" });
  completeLock(lock);
  const once = JSON.stringify(lock);
  expect(completeLock(lock).added).toEqual([]);
  expect(JSON.stringify(lock)).toBe(once);
});
