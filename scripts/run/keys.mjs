// The keys that seal secrets in the database. They are never in the database.
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import pg from "pg";
import { explainWrite, Problem } from "../../lib/db/problem.mjs";

const KEY_BYTES = 32;

/**
 * @typedef {object} KeyFiles
 * @property {string} web opened by the web process only: people's factors
 * @property {string} worker opened by the worker only: the hosts' management keys
 */

/** Where the keys of a data folder are. @returns {KeyFiles} */
export function keyFiles(dataFolder) {
  return { web: path.join(dataFolder, "keys/web.key"), worker: path.join(dataFolder, "keys/worker.key") };
}

/**
 * Makes the keys that are absent. Never while the database holds something sealed: a new key would look healthy, and
 * what the old one sealed would be lost for good.
 *
 * @param {string} url of the migrated database
 * @param {string} dataFolder
 * @returns {Promise<KeyFiles>}
 * @throws {Problem} when a key is missing although there is sealed data, or is damaged, or cannot be written
 */
export async function ensureKeys(url, dataFolder) {
  const files = keyFiles(dataFolder);
  const missing = Object.values(files).filter((file) => !existsSync(file));
  if (missing.length > 0) {
    const sealed = await findSealed(url);
    if (sealed)
      throw new Problem(
        `The key ${missing[0]} is missing, and the database holds secrets sealed with the old one (${sealed}). ` +
          "Put the key back from your backup, or copy it from the machine where Gatehouse ran before. A new key could not open them, so none was made.",
      );
    for (const file of missing) makeKey(file);
  }
  for (const file of Object.values(files)) checkKey(file);
  return files;
}

/** @throws {Problem} when the file is no key or can be read by others */
export function checkKey(file) {
  if (!existsSync(file))
    throw new Problem(
      `The key ${file} is missing. Put it back from your backup, or copy it from the first machine.`,
    );
  const { size, mode } = statSync(file);
  if (size !== KEY_BYTES)
    throw new Problem(
      `The key ${file} is damaged: ${size} bytes instead of ${KEY_BYTES}. Put it back from your backup.`,
    );
  if ((mode & 0o077) !== 0) chmodSync(file, 0o600);
}

/** Durable before it has its name: what is sealed a moment later must not lose its key to a power cut. */
function makeKey(file) {
  const folder = path.dirname(file);
  const fresh = `${file}.new-${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const handle = openSync(fresh, "wx", 0o600);
    writeSync(handle, randomBytes(KEY_BYTES));
    fsyncSync(handle);
    closeSync(handle);
    linkSync(fresh, file); // unlike rename, never replaces a key
    const directory = openSync(folder, "r");
    fsyncSync(directory);
    closeSync(directory);
  } catch (error) {
    throw explainWrite(error, folder);
  } finally {
    rmSync(fresh, { force: true });
  }
}

/** "Table.column" of the first column with sealed data; columns that hold it end in `Sealed` (docs/development.md). */
async function findSealed(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const columns = await client.query(
      `select table_name as "table", column_name as "column" from information_schema.columns
       where table_schema = current_schema() and column_name like '%Sealed' order by 1, 2`,
    );
    for (const { table, column } of columns.rows) {
      const [name, field] = [client.escapeIdentifier(table), client.escapeIdentifier(column)];
      const { rowCount } = await client.query(`select 1 from ${name} where ${field} is not null limit 1`);
      if (rowCount) return `${table}.${column}`;
    }
    return undefined;
  } finally {
    await client.end();
  }
}
