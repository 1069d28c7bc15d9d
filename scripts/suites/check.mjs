// What a developer runs all day. Everything at once: the steps do not depend on each other.
import { execFileSync } from "node:child_process";
import path from "node:path";
import { bin, commandSuite, root, unable, vitestSuite } from "./run.mjs";
import { missingTool } from "./tools.mjs";

/**
 * @param {{ retry?: number }} [options] further tries of a unit test that fails
 * @returns {Promise<import("./result.mjs").SuiteResult[]>}
 */
export function runCheck({ retry = 0 } = {}) {
  return Promise.all([
    commandSuite("format and lint", bin("biome"), ["check", "--error-on-warnings", "."]),
    commandSuite("types", bin("tsc"), ["--noEmit", "-p", "."]),
    commandSuite("import rules", process.execPath, [path.join(root, "scripts/import-rules.mjs")]),
    commandSuite("migrations", bin("prisma"), [
      "migrate",
      "diff",
      "--from-migrations=prisma/migrations",
      "--to-schema=prisma/schema",
      "--exit-code",
    ]),
    checkShell(),
    vitestSuite("unit", { project: "unit", show: false, retry }),
  ]);
}

function checkShell() {
  if (missingTool("shellcheck"))
    return unable("shell scripts", "needs shellcheck: apt-get install shellcheck");
  const files = execFileSync("git", ["ls-files", "*.sh"], { cwd: root, encoding: "utf8" })
    .split("\n")
    .filter(Boolean);
  return commandSuite("shell scripts", "shellcheck", files);
}
