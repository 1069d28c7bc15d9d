// npm test: installs what the tests need and runs all of them. The last line is `N passed, N failed`.
import { checkNode, ensureBuild, ensureClient, ensurePackages, ensureTypes } from "./ensure.mjs";
import { ensureDebianPackages, installLine, missingPackages } from "./setup/debian.mjs";
import { ensureTrees, isLabMachine, labPackages } from "./setup/lab.mjs";
import { runProgram } from "./setup/program.mjs";
import { runCheck } from "./suites/check.mjs";
import { countFaults } from "./suites/reports.mjs";
import { summarize } from "./suites/result.mjs";
import { bin, playwrightSuite, run, suite, unable, vitestSuite } from "./suites/run.mjs";

/** For the browser, the keys that unit tests compare with, and the check of shell scripts. */
const PACKAGES = ["chromium", "openssh-client", "shellcheck"];
/** The systems whose trees the lab's tests run on; others are built by the tests that ask for them. */
const TREES = ["bookworm", "bullseye", "trixie", "bookworm-systemd", "trixie-systemd"];

const isRoot = process.getuid?.() === 0;

/** Packages of Debian that this machine lacks and that we could not install ourselves; [] when all is there. */
async function prepareMachine() {
  const wanted = [...PACKAGES, ...labPackages()];
  if (!isRoot) return missingPackages(wanted);
  await ensureDebianPackages(wanted);
  return [];
}

function runFaults() {
  return suite("faults", async () => {
    const { exitCode, output } = await run(bin("tsx"), ["agent/test/faults.ts", "--subset"], { show: true });
    return { exitCode, counts: countFaults(output) };
  });
}

async function runAll() {
  const results = await runCheck();
  results.push(await vitestSuite("database", { project: "database", show: true }));
  const missing = await prepareMachine();
  if (!isLabMachine()) {
    const note = `needs root on Linux: sudo npm test${missing.length > 0 ? `; packages: ${installLine(missing)}` : ""}`;
    return [...results, ...["agent", "lab", "faults", "browser"].map((name) => unable(name, note))];
  }
  await ensureTrees(TREES);
  results.push(await vitestSuite("agent", { project: "lab", filters: ["agent/"], show: true }));
  results.push(await vitestSuite("lab", { project: "lab", filters: ["e2e/", "lib/"], show: true }));
  results.push(await runFaults());
  await ensureBuild();
  results.push(await playwrightSuite("browser"));
  return results;
}

await runProgram(async () => {
  checkNode();
  if (isRoot) await prepareMachine();
  await ensurePackages();
  await ensureClient();
  await ensureTypes();
  const { lines, exitCode } = summarize(await runAll());
  console.log(`\n${lines.join("\n")}`);
  process.exitCode = exitCode;
});
