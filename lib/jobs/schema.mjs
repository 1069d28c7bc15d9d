import { Logger, runMigrations } from "graphile-worker";

/**
 * Brings the job queue's tables (schema `graphile_worker`) up to date, so that the web process can enqueue before any
 * worker has run. Safe to run from several processes at once.
 *
 * @param {string} url postgresql://…
 */
export async function applyJobMigrations(url) {
  await runMigrations({ connectionString: url, logger: new Logger(() => () => {}) });
}
