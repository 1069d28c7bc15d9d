import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";

const folder = path.join(import.meta.dirname, "..");
const scripts = ["agent.sh", "install.sh", "test/fault-shim.sh"].map((name) => path.join(folder, name));

describe.each(scripts)("%s", (script) => {
  test("is clean for shellcheck", () => {
    const { stdout } = spawnSync("shellcheck", ["--shell=sh", script], { encoding: "utf8" });
    expect(stdout).toBe("");
  });

  test.each([["dash"], ["busybox", "sh"], ["bash", "--posix"]])(
    "is understood by %s %s",
    (shell, ...options) => {
      expect(() => execFileSync(shell ?? "", [...options, "-n", script])).not.toThrow();
    },
  );

  test("holds plain ASCII, no eval, and no echo of data", () => {
    const text = readFileSync(script, "utf8");
    expect([...text].filter((character) => character > "~")).toEqual([]);
    const code = text.replace(/^\s*#.*$/gm, "");
    expect(code).not.toMatch(/\beval\b/);
    expect(code).not.toMatch(/\becho .*\$(?!0)/);
  });
});
