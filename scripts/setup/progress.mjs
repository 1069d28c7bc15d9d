// Long steps, one line each, with the seconds they take.
import { spawn } from "node:child_process";
import { Problem } from "../../lib/db/problem.mjs";

const TAIL_LINES = 40;

/**
 * Runs `work` and shows that it runs: a counting line on a terminal, one line at the end elsewhere.
 *
 * @template T
 * @param {string} title "Installing packages"
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withProgress(title, work) {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const terminal = process.stdout.isTTY;
  const show = () => process.stdout.write(`\r  ${title} … ${seconds().toFixed(0)} s`);
  if (terminal) show();
  else process.stdout.write(`  ${title} …\n`);
  const timer = terminal ? setInterval(show, 1000) : undefined;
  try {
    const result = await work();
    process.stdout.write(`${terminal ? "\r" : ""}  ${title}: done in ${seconds().toFixed(1)} s\n`);
    return result;
  } catch (error) {
    process.stdout.write(`${terminal ? "\r" : ""}  ${title}: failed after ${seconds().toFixed(1)} s\n`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/**
 * Runs a program to its end under a progress line; its output is shown only when it fails.
 *
 * @param {string} title
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string>, cwd?: string }} [options] `env` is added to ours
 * @throws {Problem} with the end of its output, when it cannot be run or does not exit with 0
 */
export function runStep(title, command, args, { env = {}, cwd } = {}) {
  return withProgress(title, () => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const collect = (chunk) => {
      output = (output + chunk).slice(-100_000);
    };
    child.stdout.setEncoding("utf8").on("data", collect);
    child.stderr.setEncoding("utf8").on("data", collect);
    return new Promise((resolve, reject) => {
      const fail = (how) => {
        const tail = output.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
        reject(new Problem(`${[command, ...args].join(" ")} ${how}.\n\n${tail}`));
      };
      child.once("error", (error) => fail(`cannot be run: ${error.message}`));
      child.once("close", (code, signal) =>
        code === 0 ? resolve(undefined) : fail(`ended with ${signal ?? `exit code ${code}`}`),
      );
    });
  });
}
