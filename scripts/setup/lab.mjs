// What a machine needs to run lab hosts (docs/lab.md), as far as launchers can bring it.
import { readFileSync } from "node:fs";
import path from "node:path";
import { Problem } from "../../lib/db/problem.mjs";
import { runStep } from "./progress.mjs";

const root = path.resolve(import.meta.dirname, "../..");

/** The Debian packages that the lab runs on. */
export function labPackages() {
  return readFileSync(path.join(root, "e2e/lab/packages.txt"), "utf8")
    .split("\n")
    .filter((line) => line && !line.startsWith("#"));
}

/** Whether lab hosts can run here at all: their namespaces and mounts need root on Linux. */
export function isLabMachine() {
  return process.platform === "linux" && process.getuid?.() === 0;
}

/**
 * @param {string} command what the person ran, for the message
 * @throws {Problem} that says how to run it instead
 */
export function checkLabMachine(command) {
  if (process.platform !== "linux")
    throw new Problem(
      `${command} needs Linux: its servers are made of Linux namespaces, and this is ${process.platform}. Run it in a Linux virtual machine, or start Gatehouse without servers: npm start`,
    );
  if (!isLabMachine())
    throw new Problem(
      `${command} needs root: it makes network namespaces and mounts for its servers. Run: sudo ${command}`,
    );
}

/**
 * Builds the systems that lab hosts run, where they are missing: a minute each, the first time.
 *
 * @param {readonly string[]} trees
 */
export async function ensureTrees(trees) {
  for (const tree of trees)
    await runStep(`Preparing the lab's ${tree}`, "sh", ["e2e/lab/gold.sh", tree], { cwd: root });
}
