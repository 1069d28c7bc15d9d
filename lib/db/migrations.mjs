// Brings a database to this version's schema, as `prisma migrate deploy` would.
import { createHash, randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { Problem } from "./problem.mjs";

/** The advisory lock that Prisma's own engine takes: two starts, or a start and a developer, wait for each other. */
const PRISMA_LOCK = 72_707_369;

/** As Prisma makes it, so that its command line reads our rows and we read its. */
const TABLE = `create table if not exists _prisma_migrations (
  id varchar(36) primary key not null,
  checksum varchar(64) not null,
  finished_at timestamptz,
  migration_name varchar(255) not null,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz not null default now(),
  applied_steps_count integer not null default 0
)`;

/**
 * Applies the migrations that the database does not have yet, in the order of their names, each in a transaction.
 *
 * @param {string} url postgresql://…
 * @param {string} folder prisma/migrations
 * @returns {Promise<string[]>} the names of those applied now
 * @throws {Problem} when the database belongs to a newer version, a migration was edited, or one fails (the database
 *   is then as it was before that one)
 */
export async function applyMigrations(url, folder) {
  const migrations = readMigrations(folder);
  const client = new pg.Client({ connectionString: url, application_name: "gatehouse migrations" });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [PRISMA_LOCK]);
    await client.query(TABLE);
    const pending = findPending(migrations, await readApplied(client));
    for (const migration of pending) await apply(client, migration);
    return pending.map((migration) => migration.name);
  } finally {
    await client.end(); // gives the lock back
  }
}

/**
 * Refuses a database that this version's code cannot work with. Changes nothing.
 *
 * @param {string} url
 * @param {string} folder prisma/migrations
 * @throws {Problem} when a migration is missing, edited or unknown
 */
export async function checkMigrations(url, folder) {
  const client = new pg.Client({ connectionString: url, application_name: "gatehouse migrations" });
  await client.connect();
  try {
    const { rows } = await client.query("select to_regclass('_prisma_migrations') is not null as present");
    const pending = findPending(readMigrations(folder), rows[0].present ? await readApplied(client) : []);
    if (pending.length > 0)
      throw new Problem(
        `The database lacks ${pending.length} of this version's migrations (${pending[0].name}). Start the web process of this version first: npm start.`,
      );
  } finally {
    await client.end();
  }
}

function readMigrations(folder) {
  const names = readdirSync(folder).filter((name) => existsSync(path.join(folder, name, "migration.sql")));
  return names.sort().map((name) => {
    const sql = readFileSync(path.join(folder, name, "migration.sql"), "utf8");
    return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
  });
}

async function readApplied(client) {
  const { rows } = await client.query(
    "select migration_name as name, checksum, finished_at, logs from _prisma_migrations where rolled_back_at is null",
  );
  return rows;
}

function findPending(migrations, applied) {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { name, checksum, finished_at, logs } of applied) {
    const migration = known.get(name);
    if (!migration)
      throw new Problem(
        `The database was written by a newer version of Gatehouse: it has the migration ${name}, which this version does not know. Start that version, or restore the backup made before the upgrade. Nothing was changed.`,
      );
    if (!finished_at)
      throw new Problem(
        `The migration ${name} failed earlier and was left unfinished${logs ? ` (${logs.trim().split("\n")[0]})` : ""}. Mend the database, then run: npx prisma migrate resolve --rolled-back ${name}`,
      );
    if (migration.checksum !== checksum)
      throw new Problem(
        `The migration ${name} was edited after it had been applied, so the database is not what this version expects. Restore prisma/migrations/${name}/migration.sql from the release.`,
      );
  }
  const done = new Set(applied.map((row) => row.name));
  return migrations.filter((migration) => !done.has(migration.name));
}

async function apply(client, { name, sql, checksum }) {
  await client.query("begin");
  try {
    await client.query(sql);
    await client.query(
      "insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) values ($1, $2, $3, now(), 1)",
      [randomUUID(), checksum, name],
    );
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => {}); // the connection may be gone; then the server rolls back
    throw new Problem(
      `The migration ${name} cannot be applied: ${error.message}. The database is as it was before it; start the version that you had, and please report this.`,
      { cause: error },
    );
  }
}
