// The launchers' way to the database: the embedded one, started and held, or the admin's.
import path from "node:path";
import { startCluster } from "../../lib/db/embedded/cluster.mjs";
import { applyMigrations } from "../../lib/db/migrations.mjs";
import { Problem } from "../../lib/db/problem.mjs";
import { applyJobMigrations } from "../../lib/jobs/schema.mjs";
import { withProgress } from "../setup/progress.mjs";
import { lockInstance } from "./instance-lock.mjs";

export const MIGRATIONS = path.resolve(import.meta.dirname, "../../prisma/migrations");

/**
 * A migrated database for as long as `supervisor` goes on.
 *
 * @param {import("./settings.mjs").Settings} settings
 * @param {import("./supervisor.mjs").Supervisor} supervisor stops it last; is told when it ends by itself
 * @returns {Promise<string>} its URL
 * @throws {Problem}
 */
export async function openDatabase(settings, supervisor) {
  const url = settings.databaseUrl ?? (await startEmbedded(settings, supervisor));
  supervisor.checkGoing();
  try {
    await withProgress("Bringing the database up to date", async () => {
      await applyMigrations(url, MIGRATIONS);
      await applyJobMigrations(url);
    });
  } catch (error) {
    throw settings.databaseUrl ? explainConnection(error, url) : error;
  }
  return url;
}

async function startEmbedded({ dataFolder }, supervisor) {
  const folder = path.join(dataFolder, "postgres");
  const cluster = await withProgress("Starting PostgreSQL", () => startCluster(folder));
  let release;
  try {
    release = await lockInstance(cluster.url, dataFolder);
  } catch (error) {
    if (!cluster.adopted) await cluster.stop(); // an adopted one belongs to who holds the lock
    throw error;
  }
  let wanted = false;
  void cluster.ended.then((reason) => {
    if (!wanted)
      void supervisor.stop(
        new Problem(`PostgreSQL ended unexpectedly. Nothing that was saved is lost; start again.\n${reason}`),
      );
  });
  await supervisor.add("PostgreSQL", async () => {
    wanted = true;
    await release().catch(() => {});
    await cluster.stop();
  });
  return cluster.url;
}

/** @returns {unknown} a Problem when the admin's database cannot be reached, else the error itself */
export function explainConnection(error, url) {
  const code = error.code ?? "";
  if (!/^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOSTUNREACH|ENOENT|28|3D|57P03|53300)/.test(code)) return error;
  const { host, pathname } = new URL(url);
  return new Problem(
    `The database ${pathname.slice(1)} on ${host} of DATABASE_URL cannot be used: ${error.message || code}. Check the address, the password and that PostgreSQL runs there.`,
    { cause: error },
  );
}
