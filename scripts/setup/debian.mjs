// Packages of the distribution, for the tests.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { Problem } from "../../lib/db/problem.mjs";
import { runStep } from "./progress.mjs";

/** Whether this machine installs its packages as Debian does. */
export function isDebian() {
  return existsSync("/usr/bin/apt-get") && existsSync("/usr/bin/dpkg-query");
}

/**
 * Those of `packages` that are not installed. Asks the local database only.
 *
 * @param {readonly string[]} packages
 * @returns {string[]}
 */
export function missingPackages(packages) {
  if (!isDebian()) return [...packages];
  const { stdout } = spawnSync("dpkg-query", ["-W", `-f=\${db:Status-Status} \${Package}\n`, ...packages], {
    encoding: "utf8",
  });
  const installed = new Set(
    stdout
      .split("\n")
      .filter((line) => line.startsWith("installed "))
      .map((line) => line.slice("installed ".length)),
  );
  return packages.filter((name) => !installed.has(name));
}

/** The line that a person runs to get them. */
export function installLine(packages) {
  return `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(" ")}`;
}

/**
 * Installs what is missing, when we may.
 *
 * @param {readonly string[]} packages
 * @throws {Problem} with the exact line to run, when we are not root or this is no Debian
 */
export async function ensureDebianPackages(packages) {
  const missing = missingPackages(packages);
  if (missing.length === 0) return;
  if (!isDebian())
    throw new Problem(`This needs Debian (or a system with its packages: ${missing.join(", ")}).`);
  if (process.getuid?.() !== 0)
    throw new Problem(`Packages are missing. Run this, then try again:\n  ${installLine(missing)}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await runStep("Refreshing Debian's package lists", "apt-get", ["update", "-qq"], { env });
  const install = [
    "install",
    "-y",
    "-qq",
    "--no-install-recommends",
    "-o",
    "DPkg::Lock::Timeout=120",
    ...missing,
  ];
  await runStep(`Installing ${missing.length} Debian packages`, "apt-get", install, { env });
}
