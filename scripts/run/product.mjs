// What runs: the whole product on one machine, or a worker by itself.
import path from "node:path";
import { runningUrl } from "../../lib/db/embedded/cluster.mjs";
import { checkMigrations } from "../../lib/db/migrations.mjs";
import { Problem } from "../../lib/db/problem.mjs";
import { runChild } from "./child.mjs";
import { explainConnection, MIGRATIONS, openDatabase } from "./database.mjs";
import { checkEnvironment } from "./environment.mjs";
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
/**
 * @typedef {object} Running a product that answers
 * @property {string} databaseUrl
 * @property {{ web: string, worker: string }} keys paths
 * @property {string | undefined} setUpToken undefined: somebody owns it already
 */
/**
 * @typedef {object} Surroundings what the product runs in, other than this machine's own network and console
 * @property {readonly string[]} [workerLauncher] a command that becomes the worker by exec: `nsenter … --`
 * @property {(running: Running) => Promise<void>} [whenRunning] in place of the announcement
 */

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
 * @param {object} options
 * @param {Mode} options.mode
 * @param {Partial<Programs>} [options.programs] in place of the product's own
 * @param {(supervisor: import("./supervisor.mjs").Supervisor) => Promise<Surroundings>} [options.surround]
 *   makes the surroundings; what it adds to the supervisor ends after the product
 */
export async function runProduct(settings, { mode, programs, surround }) {
  const { web: webArgs, worker: workerArgs } = { ...programsOf(mode), ...programs };
  await supervise(async (supervisor) => {
    await checkEnvironment(settings.databaseUrl);
    const { workerLauncher, whenRunning } = (await surround?.(supervisor)) ?? {};
    supervisor.checkGoing();
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
    const workerEnv = { ...env, GATEHOUSE_WEB_KEY_FILE: undefined, GATEHOUSE_WORKER_KEY_FILE: keys.worker };
    await startWorker(supervisor, { args: workerArgs, launcher: workerLauncher, env: workerEnv });
    const web = await start(supervisor, "web process", {
      args: webArgs,
      stopSeconds: WEB_STOP_SECONDS,
      env: { ...env, GATEHOUSE_WEB_KEY_FILE: keys.web, GATEHOUSE_WORKER_KEY_FILE: undefined },
    });
    await Promise.race([web.ready, supervisor.stopped]);
    supervisor.checkGoing();
    if (whenRunning) await whenRunning({ databaseUrl: url, keys, setUpToken: token });
    else announce(settings.url, token);
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
    await checkEnvironment(settings.databaseUrl);
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
    await startWorker(supervisor, {
      args: programs.worker,
      env: { ...env, GATEHOUSE_WEB_KEY_FILE: undefined, GATEHOUSE_WORKER_KEY_FILE: key },
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

function startWorker(supervisor, { args, launcher, env }) {
  return start(supervisor, "worker", { args, launcher, env, stopSeconds: WORKER_STOP_SECONDS });
}

async function start(supervisor, name, { args, launcher, env, stopSeconds }) {
  supervisor.checkGoing();
  const onGivingUp = (problem) => void supervisor.stop(problem);
  const child = runChild({ name: `The ${name}`, args, launcher, env, cwd: root, stopSeconds, onGivingUp });
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
