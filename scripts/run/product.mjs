// The whole product on one machine: database, web process, worker.
import path from "node:path";
import { runChild } from "./child.mjs";
import { openDatabase } from "./database.mjs";
import { ensureKeys } from "./keys.mjs";
import { issueSetUpToken, SET_UP_MINUTES } from "./set-up-token.mjs";
import { createSupervisor, Stopped } from "./supervisor.mjs";

const root = path.resolve(import.meta.dirname, "../..");
/** Open requests end at once; live streams are cut after half a second. */
const WEB_STOP_SECONDS = 10;
/** A job ends its step on the host, or hands the change to whoever asks next. */
const WORKER_STOP_SECONDS = 25;

/**
 * Runs the product until it is asked to stop.
 *
 * @param {import("./settings.mjs").Settings} settings
 * @param {{ mode: "production" | "development" }} options development: Next's hot reload, and a worker that starts
 *   again when its files change
 */
export async function runProduct(settings, { mode }) {
  const supervisor = createSupervisor();
  try {
    await start(settings, mode, supervisor);
  } catch (error) {
    await supervisor.stop(error instanceof Stopped ? undefined : error);
  }
  await supervisor.stopped;
}

async function start(settings, mode, supervisor) {
  const url = await openDatabase(settings, supervisor);
  const keys = await ensureKeys(url, settings.dataFolder);
  const token = await issueSetUpToken(url);
  const onGivingUp = (problem) => void supervisor.stop(problem);
  const env = {
    ...process.env,
    NODE_ENV: mode,
    DATABASE_URL: url,
    HOST: settings.host,
    PORT: String(settings.port),
    NEXT_TELEMETRY_DISABLED: "1",
  };

  const worker = runChild({
    name: "The worker",
    args: workerArgs(mode),
    env: { ...env, GATEHOUSE_WEB_KEY_FILE: undefined, GATEHOUSE_WORKER_KEY_FILE: keys.worker },
    cwd: root,
    stopSeconds: WORKER_STOP_SECONDS,
    onGivingUp,
  });
  await supervisor.add("the worker", worker.stop);
  const web = runChild({
    name: "The web process",
    args: [path.join(root, "scripts/web.mjs")],
    env: { ...env, GATEHOUSE_WEB_KEY_FILE: keys.web, GATEHOUSE_WORKER_KEY_FILE: undefined },
    cwd: root,
    stopSeconds: WEB_STOP_SECONDS,
    onGivingUp,
  });
  await supervisor.add("the web process", web.stop);
  await Promise.race([web.ready, supervisor.stopped]);
  supervisor.checkGoing();
  announce(settings.url, token);
}

/** @param {"production" | "development"} mode @returns {string[]} Node's arguments for the worker */
export function workerArgs(mode) {
  return [
    ...(mode === "development" ? ["--watch", "--watch-preserve-output"] : []),
    "--import",
    "tsx",
    path.join(root, "scripts/worker.ts"),
  ];
}

function announce(url, token) {
  console.log(`\nGatehouse is running: ${url}   (Ctrl-C stops it)`);
  if (token)
    console.log(
      `\nNobody owns it yet. Open the address and enter this set-up token within ${SET_UP_MINUTES} minutes:\n\n    ${token}\n\nA new start gives a new token.`,
    );
  console.log("");
}
