// A PostgreSQL of our own on a Unix socket, in a data folder of ours.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { explainWrite, Problem } from "../problem.mjs";
import { findBinaries } from "./binaries.mjs";
import { identityFor } from "./identity.mjs";

const USER = "gatehouse";
const DATABASE = "gatehouse";
/** sun_path holds 108 bytes, one of them the end; the socket's own name is `/.s.PGSQL.5432`. */
const SOCKET_FOLDER_MAX_BYTES = 107 - "/.s.PGSQL.5432".length;
/** An empty cluster takes 40 MB and its first log segments 16 to 32 MB. */
const NEW_CLUSTER_MIN_BYTES = 128 * 1024 * 1024;
const LOG_MAX_BYTES = 5 * 1024 * 1024;
/** How long a PostgreSQL that is just ending may take before we give up waiting for its place. */
const HANDOVER_SECONDS = 30;
/** An answer on a local socket takes milliseconds; without one in this time, we ask anew. */
const PROBE_SECONDS = 5;
/**
 * How to end PostgreSQL, and how long each may take. SIGINT writes everything out first. SIGQUIT and SIGKILL leave that
 * to the next start, from its log of what was committed: an end that hangs must not keep us here for ever.
 */
const STOP_STEPS = /** @type {const} */ ([
  ["SIGINT", 30],
  ["SIGQUIT", 5],
  ["SIGKILL", 5],
]);

/**
 * @typedef {object} Cluster
 * @property {string} url of the product's database
 * @property {number} pid of the postmaster
 * @property {boolean} adopted it ran before us, left by a start that was killed
 * @property {Promise<string>} ended resolves with the reason (the end of its log) when it ends, wanted or not
 * @property {() => Promise<void>} stop ends it: clients are cut off, everything committed is on disk. Can be repeated
 */

/**
 * Starts PostgreSQL on `folder`, making it first when it is not there, or adopts the one that runs there.
 *
 * @param {string} folder the data folder's part for PostgreSQL; its parent exists
 * @param {{ durable?: boolean, binaries?: Parameters<typeof findBinaries>[0] }} [options]
 *   durable: false gives up fsync; only for tests
 * @returns {Promise<Cluster>}
 * @throws {Problem} for what a person can mend: no binaries, another version's data, disk full, folder not writable
 */
export async function startCluster(folder, { durable = true, binaries: where } = {}) {
  try {
    const major = existsSync(`${folder}/PG_VERSION`)
      ? Number(readFileSync(`${folder}/PG_VERSION`, "utf8"))
      : undefined;
    const binaries = findBinaries({ ...where, major });
    const identity = identityFor(folder, binaries.folder);
    if (major === undefined) createCluster(folder, binaries, identity);
    const cluster = (await adopt(folder)) ?? (await launch(folder, binaries, identity, durable));
    await ensureDatabase(cluster.socket);
    return { ...cluster, url: urlOf(cluster.socket) };
  } catch (error) {
    throw explainWrite(error, folder);
  }
}

/**
 * The address of the product's database on a cluster that somebody else runs.
 *
 * @param {string} folder as for startCluster
 * @returns {string | undefined} undefined when none runs there
 */
export function runningUrl(folder) {
  const postmaster = readPostmaster(folder);
  return postmaster && urlOf(postmaster.socket);
}

function urlOf(socket) {
  return `postgresql://${USER}@localhost/${DATABASE}?host=${encodeURIComponent(socket)}`;
}

/** initdb in a folder beside, then one rename: a killed first start leaves nothing that looks like a cluster. */
function createCluster(folder, binaries, identity) {
  const parent = path.dirname(folder);
  const prefix = `${path.basename(folder)}.new-`;
  for (const name of readdirSync(parent))
    if (name.startsWith(prefix)) rmSync(path.join(parent, name), { recursive: true });
  const { bavail, bsize } = statfsSync(parent);
  if (bavail * bsize < NEW_CLUSTER_MIN_BYTES)
    throw Object.assign(new Error("too few free blocks"), { code: "ENOSPC" });
  const fresh = path.join(parent, `${prefix}${process.pid}`);
  mkdirSync(fresh, { mode: 0o700 });
  identity.own(fresh);
  const locale =
    binaries.major >= 17
      ? ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
      : ["--locale=C.UTF-8"];
  const [command, args] = identity.wrap(path.join(binaries.folder, "initdb"), [
    `--pgdata=${fresh}`,
    "--auth=trust", // the socket's folder is 0700: who reaches it is us
    `--username=${USER}`,
    "--encoding=UTF8",
    "--no-instructions",
    ...locale,
  ]);
  const result = spawnSync(command, args, {
    ...identity.spawnOptions,
    encoding: "utf8",
    env: { PATH: process.env.PATH, LC_ALL: "C" },
  });
  if (result.status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    throw new Error(`initdb failed: ${result.error?.message ?? result.stderr.trim()}`);
  }
  renameSync(fresh, folder);
}

/** `postmaster.pid`: pid, data folder, start, port, socket folder, address, memory, status. */
function readPostmaster(folder) {
  let lines;
  try {
    lines = readFileSync(path.join(folder, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return undefined;
  }
  const pid = Number(lines[0]);
  return lines[4] && isAlive(pid) ? { pid, socket: lines[4] } : undefined;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Its answer on the socket is the proof that it lives; a pid in a file may be anybody's. */
async function adopt(folder) {
  const postmaster = readPostmaster(folder);
  if (!postmaster || (await probe(postmaster.socket)) !== "ready") return undefined;
  const { pid, socket } = postmaster;
  const runs = () => readPostmaster(folder)?.pid === pid;
  const gone = async () => {
    // Watching alone is no reason to stay.
    while (runs()) await delay(100, undefined, { ref: false });
    return "It was stopped by somebody else.";
  };
  const ended = gone();
  const kill = (signal) => {
    if (runs()) process.kill(pid, signal);
  };
  return { pid, socket, adopted: true, ended, stop: () => end(kill, ended) };
}

async function launch(folder, binaries, identity, durable) {
  const socket = socketFolder(folder, identity);
  const log = openLog(folder);
  const settings = {
    listen_addresses: "",
    unix_socket_permissions: "0700",
    shared_buffers: "64MB",
    // A worker may hold thirty: the preset 100 would be too few for four on one machine, as the tests start them.
    max_connections: "300",
    timezone: "UTC",
    log_timezone: "UTC",
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const [command, args] = identity.wrap(
    ...dieWithUs(path.join(binaries.folder, "postgres"), ["-D", folder, "-k", socket, ...options]),
  );
  const giveUpAt = performance.now() + HANDOVER_SECONDS * 1000;
  for (;;) {
    const logged = statSync(log).size;
    const stderr = openSync(log, "a");
    // In a session of its own: Ctrl-C in the terminal must reach it last, through us.
    const child = spawn(command, args, {
      ...identity.spawnOptions,
      stdio: ["ignore", stderr, stderr],
      detached: true,
      env: { PATH: process.env.PATH, LC_ALL: "C" },
    });
    closeSync(stderr);
    let reason;
    const ended = new Promise((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", () =>
        resolve(readFileSync(log, "utf8").slice(logged).trim().split("\n").slice(-8).join("\n")),
      );
    });
    ended.then((text) => {
      reason = text;
    });
    while (reason === undefined && (await probe(socket)) !== "ready") await delay(25);
    if (reason === undefined) {
      const stop = async () => {
        await end((signal) => child.kill(signal), ended);
        if (socket !== folder) rmSync(socket, { recursive: true, force: true });
      };
      return { pid: child.pid, socket, adopted: false, ended, stop };
    }
    // Another one is ending on this folder (its start was killed a moment ago): wait for its place.
    if (!/postmaster\.pid" already exists|is being shut down/.test(reason) || performance.now() > giveUpAt)
      throw new Error(`PostgreSQL ended at its start:\n${reason}`);
    await delay(250);
  }
}

/** Ends PostgreSQL, the orderly way first. Resolves when it has ended, or when nothing more can be done. */
async function end(kill, ended) {
  const over = ended.then(() => true);
  for (const [signal, seconds] of STOP_STEPS) {
    kill(signal);
    const patience = new AbortController();
    const late = delay(seconds * 1000, false, { signal: patience.signal }).catch(() => false);
    const done = await Promise.race([over, late]);
    patience.abort();
    if (done) return;
    console.error(`PostgreSQL did not end within ${seconds} s of ${signal}.`);
  }
}

/** Where the machine can: PostgreSQL ends when the process that started it ends, even by kill -9. */
function dieWithUs(command, args) {
  const setpriv = spawnSync("setpriv", ["--pdeathsig", "INT", "true"], { stdio: "ignore" });
  return setpriv.status === 0 ? ["setpriv", ["--pdeathsig", "INT", command, ...args]] : [command, args];
}

/** The data folder itself, or a short one of our own where its path is too long for a socket. */
function socketFolder(folder, identity) {
  if (Buffer.byteLength(folder) <= SOCKET_FOLDER_MAX_BYTES) return folder;
  const name = `gatehouse-${createHash("sha256").update(folder).digest("hex").slice(0, 16)}`;
  const short = path.join(os.tmpdir(), name);
  if (!existsSync(short)) {
    mkdirSync(short, { mode: 0o700 });
    identity.own(short);
  }
  const { uid, mode } = lstatSync(short);
  // /tmp is everybody's: a folder that somebody else made there would give him our database.
  if (uid !== statSync(folder).uid || (mode & 0o77) !== 0 || !lstatSync(short).isDirectory())
    throw new Problem(
      `${short} belongs to somebody else. Remove it, or use a data folder with a shorter path.`,
    );
  return short;
}

function openLog(folder) {
  const log = `${folder}.log`;
  if (existsSync(log) && statSync(log).size > LOG_MAX_BYTES) renameSync(log, `${log}.1`);
  closeSync(openSync(log, "a", 0o600));
  return log;
}

/** "ready", or why not. */
async function probe(socket) {
  const client = new pg.Client({
    host: socket,
    user: USER,
    database: "postgres",
    connectionTimeoutMillis: PROBE_SECONDS * 1000,
  });
  try {
    await client.connect();
    return "ready";
  } catch (error) {
    return error.message || "no answer";
  } finally {
    await client.end().catch(() => {});
  }
}

async function ensureDatabase(socket) {
  const client = new pg.Client({ host: socket, user: USER, database: "postgres" });
  await client.connect();
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [DATABASE]);
    if (!rowCount) await client.query(`create database "${DATABASE}"`);
  } catch (error) {
    if (error.code !== "42P04") throw error; // duplicate_database: two starts at once
  } finally {
    await client.end();
  }
}
