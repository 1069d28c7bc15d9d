import { spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import {
  countPlaywright,
  countVitest,
  listPlaywrightFailures,
  listPlaywrightWavering,
  listVitestFailures,
  listVitestWavering,
  readReport,
} from "./reports.mjs";
import { judge } from "./result.mjs";

export const root = path.resolve(import.meta.dirname, "../..");
const results = path.join(root, "test-results");
const bin = (name) => path.join(root, "node_modules/.bin", name);

/** @typedef {import("./result.mjs").SuiteResult} SuiteResult */

/**
 * Runs a program to its end.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string | undefined>, show: boolean }} options show: its output goes to ours at once as well
 * @returns {Promise<{ exitCode: number | null, output: string }>} exit code 127 when it cannot be run
 */
export function run(command, args, { env = {}, show }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const [stream, ours] of /** @type {const} */ ([
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]))
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
        if (show) ours.write(text);
      });
    child.once("error", (error) => resolve({ exitCode: 127, output: `${command}: ${error.message}\n` }));
    child.once("close", (exitCode) => resolve({ exitCode, output }));
  });
}

/**
 * A suite whose counts come from `measure`.
 *
 * @param {string} name
 * @param {() => Promise<{ exitCode: number | null, counts: import("./reports.mjs").Counts, failures?: string[], wavering?: string[] }>} measure
 * @returns {Promise<SuiteResult>}
 */
export async function suite(name, measure) {
  const started = performance.now();
  const { exitCode, counts, failures, wavering } = await measure();
  return {
    name,
    ...judge(counts, exitCode),
    failures,
    wavering,
    seconds: (performance.now() - started) / 1000,
  };
}

/** @returns {SuiteResult} a suite that this machine cannot run; with `CI=true` that is a failure */
export function unable(name, note) {
  const must = process.env.CI === "true";
  return { name, passed: 0, failed: must ? 1 : 0, skipped: must ? 0 : 1, seconds: 0, note };
}

/**
 * A program that counts as one test: it passes when it exits with 0. Its output is shown when it does not.
 *
 * @param {string} name
 * @param {string} command of node_modules/.bin, or any other
 * @param {readonly string[]} args
 */
export function commandSuite(name, command, args) {
  return suite(name, async () => {
    const { exitCode, output } = await run(command, args, { show: false });
    if (exitCode !== 0) process.stdout.write(`\n── ${name} ──\n${output}\n`);
    return {
      exitCode,
      counts: { passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1, skipped: 0 },
    };
  });
}

/**
 * @param {string} name
 * @param {{ project: string, filters?: readonly string[], show: boolean, retry?: number }} options
 *   project: of vitest.config.ts; filters: parts of paths; retry: further tries of a test that fails
 */
export function vitestSuite(name, { project, filters = [], show, retry = 0 }) {
  return suite(name, async () => {
    const report = freshReport(`${name}.json`);
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const args = ["run", "--project", project, `--retry=${retry}`, ...filters, ...reporters];
    const { exitCode, output } = await run(bin("vitest"), args, {
      show,
      env: { NO_COLOR: show ? undefined : "1" },
    });
    if (exitCode !== 0 && !show) process.stdout.write(`\n── ${name} ──\n${output}\n`);
    const read = readReport(report);
    return {
      exitCode,
      counts: countVitest(read),
      failures: listVitestFailures(read),
      wavering: listVitestWavering(read),
    };
  });
}

/** @param {string} name @param {{ env?: Record<string, string>, retry?: number }} [options] as for vitestSuite */
export function playwrightSuite(name, { env = {}, retry = 0 } = {}) {
  return suite(name, async () => {
    const report = freshReport(`${name}.json`);
    const args = ["test", `--retries=${retry}`, "--reporter=list,json"];
    const { exitCode } = await run(bin("playwright"), args, {
      show: true,
      env: { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
    });
    const read = readReport(report);
    return {
      exitCode,
      counts: countPlaywright(read),
      failures: listPlaywrightFailures(read),
      wavering: listPlaywrightWavering(read),
    };
  });
}

/** A report of an earlier run must not be counted for this one. */
function freshReport(name) {
  mkdirSync(results, { recursive: true });
  const file = path.join(results, name);
  rmSync(file, { force: true });
  return file;
}

export { bin };
