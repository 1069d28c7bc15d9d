import pg from "pg";
import { Problem } from "../../lib/db/problem.mjs";

/** "gate" in ASCII. Held by the launcher of one data folder for as long as it lives; PostgreSQL frees it at its death. */
const INSTANCE_LOCK = 0x67617465;

/**
 * Refuses a second start on the same data folder.
 *
 * @param {string} url of the embedded database
 * @param {string} folder for the message
 * @returns {Promise<() => Promise<void>>} gives the lock back
 * @throws {Problem} when another one runs
 */
export async function lockInstance(url, folder) {
  const client = new pg.Client({
    connectionString: url,
    application_name: `gatehouse launcher ${process.pid}`,
  });
  client.on("error", () => {}); // the cluster's end is reported by the cluster
  await client.connect();
  const { rows } = await client.query("select pg_try_advisory_lock($1) as taken", [INSTANCE_LOCK]);
  if (rows[0].taken) return () => client.end();
  const holder = await client.query(
    "select application_name as name from pg_locks join pg_stat_activity using (pid) where locktype = 'advisory' and objid = $1 and granted",
    [INSTANCE_LOCK],
  );
  await client.end();
  const process_ = holder.rows[0]?.name.split(" ").at(-1) ?? "unknown";
  throw new Problem(
    `Gatehouse already runs on the data folder ${folder} (process ${process_}). Stop that one first, or give this one a folder of its own in GATEHOUSE_DATA.`,
  );
}
