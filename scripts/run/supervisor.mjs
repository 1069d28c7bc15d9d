// Stops all that was started, in the reverse order, once, whatever asked for it.
import { printFailure } from "../setup/program.mjs";

/** Thrown into a start that is under way when somebody asks to stop. */
export class Stopped extends Error {}

/**
 * @typedef {object} Supervisor
 * @property {(name: string, stop: () => Promise<void>) => Promise<void>} add remembers how to stop what was just started
 * @property {() => void} checkGoing throws Stopped when the stop has begun
 * @property {(error?: unknown) => Promise<void>} stop stops everything; with an error, the program fails. Can be repeated
 * @property {Promise<void>} stopped resolves when everything has stopped
 */

/**
 * A supervisor that also obeys Ctrl-C, SIGTERM and a closed terminal.
 *
 * @returns {Supervisor}
 */
export function createSupervisor() {
  const started = [];
  let stopping = false;
  let settle = () => {};
  const stopped = new Promise((resolve) => {
    settle = () => resolve(undefined);
  });

  const stopOne = async ({ name, stop }) => {
    try {
      await stop();
    } catch (error) {
      console.error(`Stopping ${name} failed:`, error);
      process.exitCode = 1;
    }
  };

  const stop = async (error) => {
    if (stopping) return stopped;
    stopping = true;
    if (error !== undefined) {
      printFailure(error);
      process.exitCode = 1;
    }
    for (let last = started.pop(); last; last = started.pop()) await stopOne(last);
    settle();
    return stopped;
  };

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => {
      // A second one changes nothing: everything is already stopping, and PostgreSQL must be allowed to finish.
      if (!stopping) console.log("\nStopping …");
      void stop();
    });

  return {
    async add(name, stop) {
      started.push({ name, stop });
      if (!stopping) return;
      await stopOne(started.pop());
      throw new Stopped();
    },
    checkGoing() {
      if (stopping) throw new Stopped();
    },
    stop,
    stopped,
  };
}
