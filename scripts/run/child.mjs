// A process of ours that is kept running.
import { spawn } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Problem } from "../../lib/db/problem.mjs";
import { EXIT_UNUSABLE } from "../setup/program.mjs";

/** A process that lived this long was healthy; its death begins a new count. */
const HEALTHY_SECONDS = 60;
/** So many quick deaths in a row are no accident. */
const MAX_QUICK_DEATHS = 5;
const END_WITH_PARENT = pathToFileURL(path.join(import.meta.dirname, "end-with-parent.mjs")).href;

/**
 * @typedef {object} Child
 * @property {Promise<void>} ready resolves at its first `{ ready: true }` message
 * @property {() => Promise<void>} stop SIGTERM, and SIGKILL when that is not enough. Can be repeated
 */

/**
 * Runs a Node program and starts it again when it dies.
 *
 * It ends by itself when we die, by kill -9 too. It has a session of its own, so that Ctrl-C in the terminal reaches
 * only us and things are stopped in order.
 *
 * @param {object} options
 * @param {string} options.name for messages: "the web process"
 * @param {readonly string[]} options.args Node's arguments
 * @param {readonly string[]} [options.launcher] a command that becomes ours by exec: `nsenter … --`
 * @param {Record<string, string | undefined>} options.env the whole environment
 * @param {string} options.cwd
 * @param {number} options.stopSeconds how long it may take to end its work
 * @param {(problem: Problem) => void} options.onGivingUp called once, when it cannot be kept running
 * @returns {Child}
 */
export function runChild({ name, args, launcher = [], env, cwd, stopSeconds, onGivingUp }) {
  let child;
  let stopping = false;
  let quickDeaths = 0;
  let restart;
  let markReady = () => {};
  const ready = new Promise((resolve) => {
    markReady = () => resolve(undefined);
  });

  const start = () => {
    const startedAt = performance.now();
    const [command = process.execPath, ...rest] = [
      ...launcher,
      process.execPath,
      "--import",
      END_WITH_PARENT,
      ...args,
    ];
    child = spawn(command, rest, {
      cwd,
      env,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      detached: true,
    });
    child.on("message", (message) => {
      if (typeof message === "object" && message !== null && "ready" in message) markReady();
    });
    child.once("error", (error) => onGivingUp(new Problem(`${name} cannot be started: ${error.message}.`)));
    child.once("exit", (code, signal) => {
      if (stopping) return;
      quickDeaths = performance.now() - startedAt < HEALTHY_SECONDS * 1000 ? quickDeaths + 1 : 1;
      const how = signal ?? `exit code ${code}`;
      if (code === EXIT_UNUSABLE) return onGivingUp(new Problem(`${name} cannot run; it said why above.`));
      if (quickDeaths > MAX_QUICK_DEATHS)
        return onGivingUp(
          new Problem(`${name} ended ${quickDeaths} times in a row (${how}); its messages are above.`),
        );
      const seconds = 2 ** (quickDeaths - 1);
      console.error(`${name} ended unexpectedly (${how}). Starting it again in ${seconds} s.`);
      restart = setTimeout(start, seconds * 1000);
    });
  };

  start();
  return {
    ready,
    async stop() {
      stopping = true;
      clearTimeout(restart);
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      const exited = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), stopSeconds * 1000);
      await exited;
      clearTimeout(timer);
    },
  };
}
