// What the launchers need to know before anything is installed. The programs that they start check the whole
// environment (lib/env.ts).
import os from "node:os";
import path from "node:path";
import { Problem } from "../../lib/db/problem.mjs";

const root = path.resolve(import.meta.dirname, "../..");

/**
 * @typedef {object} Settings
 * @property {string} host address to listen on
 * @property {number} port
 * @property {string} url what people type into their browser
 * @property {string} dataFolder absolute
 * @property {string | undefined} databaseUrl undefined: the embedded PostgreSQL
 */

/**
 * @param {Record<string, string | undefined>} env
 * @returns {Settings}
 * @throws {Problem}
 */
export function readSettings(env = process.env) {
  const port = Number(env.PORT || 3000);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Problem(`PORT must be a number from 1 to 65535, not ${JSON.stringify(env.PORT)}.`);
  return {
    host: env.HOST || "127.0.0.1",
    port,
    url: env.GATEHOUSE_URL || `http://localhost:${port}`,
    dataFolder: dataFolderOf(env),
    databaseUrl: env.DATABASE_URL || undefined,
  };
}

function dataFolderOf(env) {
  const base = env.XDG_DATA_HOME || path.join(os.homedir(), ".local/share");
  const folder = path.resolve(env.GATEHOUSE_DATA || path.join(base, "gatehouse"));
  const inside = path.relative(root, folder);
  // The build reads the source tree, and an upgrade replaces it: data there would be broken by one or lost by the other.
  if (inside === "" || (!inside.startsWith("..") && !path.isAbsolute(inside)))
    throw new Problem(
      `The data folder ${folder} lies inside the program's own folder. Choose another one in GATEHOUSE_DATA.`,
    );
  return folder;
}
