import { type Sql, sql, type Transaction } from "@/lib/db/client";
import {
  defaultAttempts,
  type JobName,
  type JobPayload,
  payloadSchemas,
  queuedJobs,
} from "@/lib/jobs/catalogue";

export interface EnqueueOptions {
  /** Not before this moment, or what the database makes of an expression; at once when left out. */
  readonly runAt?: Date | Sql;
  /** At most one waiting job of a key: a second `enqueue` replaces the payload and the moment of the first. */
  readonly jobKey?: string;
  /** Jobs of one queue run one after the other. Only for those that lib/jobs/catalogue.ts names as such. */
  readonly queue?: string;
  /** How often it may begin (1: never again after a failure or a dead worker). */
  readonly attempts?: number;
  /** Smaller first. Heartbeats are 10; what a person waits for is 0. */
  readonly priority?: number;
}

/**
 * The queue of a host: changes, operations and readings of one host run one after the other.
 *
 * Heartbeats stay outside of it: they must not wait behind a package upgrade, and they only read.
 */
export function hostQueue(hostId: string): string {
  return `host:${hostId}`;
}

/**
 * Adds a job in the caller's transaction: it exists exactly when the rest of what the caller wrote does.
 *
 * @throws ZodError when the payload is not of the job's shape
 */
export async function enqueue<Name extends JobName>(
  db: Transaction,
  name: Name,
  payload: JobPayload<Name>,
  options: EnqueueOptions = {},
): Promise<void> {
  await db.$executeRaw`SELECT ${addJob(name, payload, options)}`;
}

/**
 * The call that adds a job, for statements that do it together with something else: one way to the database less, where
 * fifty changes go on at once.
 *
 * @throws ZodError as `enqueue`
 */
export function addJob<Name extends JobName>(
  name: Name,
  payload: JobPayload<Name>,
  options: EnqueueOptions = {},
): Sql {
  if (options.queue !== undefined && !queuedJobs.has(name))
    throw new Error(`${name} is none of the jobs that run in a queue; name it in lib/jobs/catalogue.ts.`);
  const json = JSON.stringify(payloadSchemas[name].parse(payload));
  const runAt = options.runAt instanceof Date ? options.runAt.toISOString() : (options.runAt ?? null);
  return sql`
    graphile_worker.add_job(
      ${name}::text,
      payload => ${json}::json,
      queue_name => ${options.queue ?? null}::text,
      run_at => (${runAt})::timestamptz,
      max_attempts => ${options.attempts ?? defaultAttempts}::int,
      job_key => ${options.jobKey ?? null}::text,
      priority => ${options.priority ?? 0}::int
    )`;
}

/** Adds one job for each payload, in one statement: thousands take milliseconds. */
export async function enqueueEach<Name extends JobName>(
  db: Transaction,
  name: Name,
  payloads: readonly JobPayload<Name>[],
  options: Pick<EnqueueOptions, "attempts" | "priority"> = {},
): Promise<void> {
  const json = JSON.stringify(payloads.map((payload) => payloadSchemas[name].parse(payload)));
  await db.$executeRaw`
    SELECT graphile_worker.add_jobs(array(
      SELECT ROW(
        ${name}::text, payload, NULL, now(), ${options.attempts ?? defaultAttempts}::int, NULL,
        ${options.priority ?? 0}::int, NULL
      )::graphile_worker.job_spec
      FROM json_array_elements(${json}::json) AS payload
    ))`;
}
