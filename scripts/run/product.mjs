// What runs: the whole product on one machine, or a worker by itself.
import path from "node:path";
import { runningUrl } from "../../lib/db/embedded/cluster.mjs";
import { checkMigrations } from "../../lib/db/migrations.mjs";
import { Problem } from "../../lib/db/problem.mjs";
import { runChild } from "./child.mjs";
import { explainConnection, MIGRATIONS, openDatabase } from "./database.mjs";
import { checkKey, ensureKeys, keyFiles } from "./keys.mjs";
import { issueSetUpToken, SET_UP_MINUTES } from "./set-up-token.mjs";
import { createSupervisor, Stopped } from "./supervisor.mjs";

const root = path.resolve(import.meta.dirname, "../..");
/** Open requests end at once; live streams are cut after half a second. */
const WEB_STOP_SECONDS = 10;
/** A job ends its step on the host, or hands the change to whoever asks next. */
const WORKER_STOP_SECONDS = 25;

/** @typedef {"production" | "development"} Mode development: hot reload, and a worker that starts again with its files */
/** @typedef {{ web: string[], worker: string[] }} Programs Node's arguments */

/** @param {Mode} mode @returns {Programs} */
function programsOf(mode) {
  const watch = mode === "development" ? ["--watch", "--watch-preserve-output"] : [];
  return {
    web: [path.join(root, "scripts/web.mjs")],
    worker: [...watch, "--import", "tsx", path.join(root, "scripts/worker.ts")],
  };
}

/**
 * Runs the product until it is asked to stop. Failures are printed and set the exit code.
 *
 * @param {import("./settings.mjs").Settings} settings
 * @param {{ mode: Mode, programs?: Programs }} options
 */
export async function runProduct(settings, { mode, programs = programsOf(mode) }) {
  await supervise(async (supervisor) => {
    const url = await openDatabase(settings, supervisor);
    const keys = await ensureKeys(url, settings.dataFolder);
    const token = await issueSetUpToken(url);
    const env = {
      ...process.env,
      NODE_ENV: mode,
      DATABASE_URL: url,
      HOST: settings.host,
      PORT: String(settings.port),
      NEXT_TELEMETRY_DISABLED: "1",
    };
    // Each process is told of its own key only.
    await startWorker(supervisor, programs.worker, {
      ...env,
      GATEHOUSE_WEB_KEY_FILE: undefined,
      GATEHOUSE_WORKER_KEY_FILE: keys.worker,
    });
    const web = await start(supervisor, "web process", programs.web, WEB_STOP_SECONDS, {
      ...env,
      GATEHOUSE_WEB_KEY_FILE: keys.web,
      GATEHOUSE_WORKER_KEY_FILE: undefined,
    });
    await Promise.race([web.ready, supervisor.stopped]);
    supervisor.checkGoing();
    announce(settings.url, token);
  });
}

/**
 * Runs one worker until it is asked to stop, on the admin's database or on the embedded one of a product that runs here.
 *
 * @param {import("./settings.mjs").Settings} settings
 * @param {{ key?: string | undefined, programs?: Programs }} [options] key: path of the worker's key; else the data folder's
 */
export async function runWorker(
  settings,
  { key = keyFiles(settings.dataFolder).worker, programs = programsOf("production") } = {},
) {
  await supervise(async (supervisor) => {
    const url = settings.databaseUrl ?? runningUrl(path.join(settings.dataFolder, "postgres"));
    if (!url)
      throw new Problem(
        `No Gatehouse runs on the data folder ${settings.dataFolder}. Start it (npm start), or set DATABASE_URL to its PostgreSQL.`,
      );
    checkKey(key);
    await checkMigrations(url, MIGRATIONS).catch((error) => {
      throw explainConnection(error, url);
    });
    const env = { ...process.env, NODE_ENV: "production", DATABASE_URL: url };
    await startWorker(supervisor, programs.worker, {
      ...env,
      GATEHOUSE_WEB_KEY_FILE: undefined,
      GATEHOUSE_WORKER_KEY_FILE: key,
    });
    console.log("\nA worker of Gatehouse is running.   (Ctrl-C stops it)\n");
  });
}

/** @param {(supervisor: import("./supervisor.mjs").Supervisor) => Promise<void>} begin */
async function supervise(begin) {
  const supervisor = createSupervisor();
  try {
    await begin(supervisor);
  } catch (error) {
    await supervisor.stop(error instanceof Stopped ? undefined : error);
  }
  await supervisor.stopped;
}

function startWorker(supervisor, args, env) {
  return start(supervisor, "worker", args, WORKER_STOP_SECONDS, env);
}

async function start(supervisor, name, args, stopSeconds, env) {
  supervisor.checkGoing();
  const onGivingUp = (problem) => void supervisor.stop(problem);
  const child = runChild({ name: `The ${name}`, args, env, cwd: root, stopSeconds, onGivingUp });
  await supervisor.add(`the ${name}`, child.stop);
  return child;
}

function announce(url, token) {
  console.log(`\nGatehouse is running: ${url}   (Ctrl-C stops it)\n`);
  if (!token) return;
  console.log(
    `Nobody owns it yet. Open the address and enter this set-up token within ${SET_UP_MINUTES} minutes:`,
  );
  console.log(`\n    ${token}\n\nA new start gives a new token.\n`);
}
