// npm test: installs what the tests need and runs all of them. The last line is `N passed, N failed`.
import { checkNode, ensureBuild, ensureClient, ensurePackages, ensureTypes } from "./ensure.mjs";
import { ensureDebianPackages, installLine, missingPackages } from "./setup/debian.mjs";
import { ensureTrees, isLabMachine, labPackages } from "./setup/lab.mjs";
import { printFailure } from "./setup/program.mjs";
import { runCheck } from "./suites/check.mjs";
import { countFaults } from "./suites/reports.mjs";
import { summarize } from "./suites/result.mjs";
import { bin, playwrightSuite, run, suite, unable, vitestSuite } from "./suites/run.mjs";

/** For the browser, the keys that unit tests compare with, the check of shell scripts, and one of the shells they run in. */
const PACKAGES_OF_ALL = ["busybox", "chromium", "openssh-client", "openssl", "shellcheck", ...labPackages()];
/** The systems whose trees the lab's tests run on; others are built by the tests that ask for them. */
const TREES = ["bookworm", "bullseye", "trixie", "bookworm-systemd", "trixie-systemd"];

/**
 * A test of web, database or lab hosts that fails is tried once more, and named at the end when it passes then: on a
 * machine that does other things, one of thousands meets a limit that is about patience. So is a property whose random
 * seed finds what the change did not bring. The agent's own tests and the faults, which are about what must never
 * happen even once, get no second try.
 */
const RETRY = 1;

const isRoot = process.getuid?.() === 0;

function runFaults() {
  return suite("faults", async () => {
    const { exitCode, output } = await run(bin("tsx"), ["agent/test/faults.ts", "--subset"], { show: true });
    return { exitCode, counts: countFaults(output) };
  });
}

/** On lab hosts: one after the other, because each of them wants the whole machine. */
const LAB_SUITES = [
  () => vitestSuite("agent", { project: "lab", filters: ["agent/test/"], show: true }),
  () => vitestSuite("lab", { project: "lab", filters: ["e2e/", "lib/"], show: true, retry: RETRY }),
  runFaults,
  () => playwrightSuite("browser", { retry: RETRY }),
];

/** Ends early, with what went wrong as a failure, when the machine cannot be prepared. */
async function runAll() {
  const results = [];
  const prepare = async (name, work) => {
    try {
      await work();
      return true;
    } catch (error) {
      printFailure(error);
      results.push({ name, passed: 0, failed: 1, skipped: 0, seconds: 0, note: "its message is above" });
      return false;
    }
  };

  const isReady = await prepare("set-up", async () => {
    checkNode();
    if (isRoot) await ensureDebianPackages(PACKAGES_OF_ALL);
    await ensurePackages();
    await ensureClient();
    await ensureTypes();
  });
  if (!isReady) return results;

  results.push(...(await runCheck({ retry: RETRY })));
  results.push(await vitestSuite("database", { project: "database", show: true, retry: RETRY }));
  if (!isLabMachine()) {
    const missing = missingPackages(PACKAGES_OF_ALL);
    const first = missing.length > 0 ? `; first: ${installLine(missing)}` : "";
    results.push(unable("agent, lab, faults, browser", `needs root on Linux: sudo npm test${first}`));
    return results;
  }
  const hasLab = await prepare("set-up of the lab", async () => {
    await ensureTrees(TREES);
    await ensureBuild();
  });
  if (hasLab) for (const runSuite of LAB_SUITES) results.push(await runSuite());
  return results;
}

const { lines, exitCode } = summarize(await runAll());
console.log(`\n${lines.join("\n")}`);
process.exitCode = exitCode;
