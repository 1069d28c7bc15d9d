import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import { hostname } from "node:os";
import {
  Logger,
  parseCronItems,
  type Runner,
  run,
  type Task,
  type TaskList,
  type WorkerEvents,
} from "graphile-worker";
import { prisma } from "@/lib/db/client";
import type { SessionLock } from "@/lib/db/session-lock";
import { env } from "@/lib/env";
import { type JobName, payloadSchemas, queuedJobs } from "@/lib/jobs/catalogue";
import { crontab } from "@/lib/jobs/crontab";
import type { JobHandlers } from "@/lib/jobs/handlers";
import { beat, beatSeconds, lifelineOf, recoverJobs } from "@/lib/jobs/liveness";
import { applyJobMigrations } from "@/lib/jobs/schema.mjs";
import { log } from "@/lib/log";
import { type BoxKey, makeBoxKey, openBox } from "@/lib/secrets/box";

/** Some of the jobs, with places of their own, so that they keep no others waiting and none keep them. */
interface Places {
  readonly has: (name: JobName) => boolean;
  /** How many run at once; most wait for a host. */
  readonly count: number;
  /**
   * A new job is announced; one that waited for its moment, or for its queue, is found by looking. More often: an idle worker
   * and its database do little else. Less often: what goes on with a change comes too late.
   */
  readonly pollMilliseconds: number;
  /**
   * One looks for all places, and takes at most so many jobs: without that every free place looks by itself, dozens of
   * statements for each job. Only one where jobs run in queues (lib/jobs/catalogue.ts).
   */
  readonly taken: number;
  readonly connections: number;
}

const heartbeatJob: JobName = "host.heartbeat";
const accessJob: JobName = "access.collect";
const pools: readonly Places[] = [
  // What people wait for: fifty hosts are told of a change at once.
  {
    has: (name) => name !== heartbeatJob && !queuedJobs.has(name),
    count: 50,
    taken: 50,
    pollMilliseconds: 500,
    connections: 6,
  },
  // One after the other on each host, and some take minutes.
  {
    has: (name) => name !== accessJob && queuedJobs.has(name),
    count: 50,
    taken: 1,
    pollMilliseconds: 500,
    connections: 4,
  },
  // Hosts that do not answer must not keep a change waiting, nor the reverse.
  {
    has: (name) => name === heartbeatJob,
    count: 16,
    taken: 16,
    pollMilliseconds: 2000,
    connections: 4,
  },
  // Readings of who can log in: a host may take two minutes for one, and thousands are read every day.
  { has: (name) => name === accessJob, count: 6, taken: 1, pollMilliseconds: 2000, connections: 4 },
];

/** What was taken and finds no place goes back to where other workers find it. */
const takenForMilliseconds = 2000;

/** How long jobs may finish by themselves when the worker stops; then their signal is aborted. */
const gracefulSeconds = 10;

export interface RunningWorker {
  readonly id: string;
  /** Takes no further job, lets running ones end, gives back the rest. Can be repeated. */
  stop(): Promise<void>;
  /** Rejects when the worker can no longer work: it lost its place, or the queue broke down. */
  readonly failed: Promise<never>;
}

/**
 * Starts this process as a worker: any number may run, on any number of machines, over one database.
 *
 * @param handlers one for every job of the catalogue
 */
export async function startWorker(handlers: JobHandlers, version: string): Promise<RunningWorker> {
  const id = randomUUID();
  const box = makeBoxKey();
  const db = prisma();
  await applyJobMigrations(env().databaseUrl);
  const lifeline = lifelineOf(env().databaseUrl, id);
  await lifeline.hold();
  await db.worker.create({
    data: { id, boxPublicKey: Buffer.from(box.publicKey), version, hostname: hostname(), pools: [] },
  });
  // Comparisons of "alive" use the database's clock; the default of the column is this machine's.
  await beat(db, id);

  const runners: Runner[] = [];
  const names = Object.keys(payloadSchemas).filter((name): name is JobName => name in handlers);
  const taskOf = (name: JobName) => toTask(name, handlers, id, box);
  const listOf = (chosen: readonly JobName[]): TaskList =>
    Object.fromEntries(chosen.map((name) => [name, taskOf(name)]));
  const poolIds: string[] = [];
  for (const [index, { has, count, pollMilliseconds, taken, connections }] of pools.entries()) {
    const events: WorkerEvents = new EventEmitter();
    events.on("pool:create", ({ workerPool }) => poolIds.push(workerPool.id));
    runners.push(
      await run({
        preset: { worker: { localQueue: { size: taken, ttl: takenForMilliseconds } } },
        connectionString: env().databaseUrl,
        maxPoolSize: connections,
        concurrency: count,
        noHandleSignals: true,
        gracefulShutdownAbortTimeout: gracefulSeconds * 1000,
        pollInterval: pollMilliseconds,
        taskList: listOf(names.filter(has)),
        parsedCronItems: index === 0 ? cronItems() : [],
        events,
        logger,
      }),
    );
    await db.worker.update({ where: { id }, data: { pools: poolIds } });
  }

  let fail: (error: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => {}); // Whoever cares awaits it; nobody must not end the process.
  const timer = setInterval(() => void live(lifeline, id, fail), beatSeconds * 1000);
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    clearInterval(timer);
    const keepAlive = setInterval(() => void beat(db, id).catch(() => {}), beatSeconds * 1000);
    await Promise.allSettled(runners.map((runner) => runner.stop()));
    clearInterval(keepAlive);
    await db.worker.deleteMany({ where: { id } });
    await recoverJobs(db);
    await lifeline.release();
  };
  for (const runner of runners)
    runner.promise.then(
      () => stopped ?? fail(new Error("the job queue ended by itself")),
      (error) => stopped ?? fail(error),
    );
  log.info("Worker started", {
    worker: id,
    jobs: names.length,
    places: pools.map(({ count }) => count).join("+"),
  });
  return {
    id,
    failed,
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

async function live(lifeline: SessionLock, id: string, fail: (error: Error) => void): Promise<void> {
  try {
    await lifeline.hold();
    if (!(await beat(prisma(), id)))
      return fail(new Error("this worker was silent for too long, and others took over its jobs"));
    const recovered = await recoverJobs(prisma());
    if (recovered > 0) log.warn("Gave back jobs of a dead worker", { jobs: recovered });
  } catch (error) {
    // The database may be restarting; the next beat tries again.
    log.warn("The worker could not reach the database", { error });
  }
}

function toTask<Name extends JobName>(
  name: Name,
  handlers: JobHandlers<Name>,
  workerId: string,
  box: BoxKey,
): Task {
  return async (payload, helpers) => {
    const { attempts, max_attempts: most, id } = helpers.job;
    const parsed = payloadSchemas[name].parse(payload);
    log.debug("Job begins", { job: name, id, attempt: attempts });
    await handlers[name](parsed, {
      workerId,
      attempt: attempts,
      isLastAttempt: attempts >= most,
      signal: helpers.abortSignal ?? new AbortController().signal,
      openBox: (sealed, context) => openBox(box.privateKey, sealed, context),
    });
  };
}

function cronItems() {
  return parseCronItems(
    crontab.map(({ name, match }) => ({
      task: name,
      match,
      identifier: name,
      // A minute missed while nothing ran is gone: backfilling would only add load.
      options: { backfillPeriod: 0, maxAttempts: 1, jobKey: name, queueName: undefined },
    })),
  );
}

/**
 * graphile advises a connection a job, but a job holds none of the queue's while it runs; and as many jobs a look as there
 * are places, see above.
 */
const idleAdvice = ["maxPoolSize", "localQueueSize"];

/** graphile's words in our log; its notes on every job are for debugging. */
const logger = new Logger(() => (level, message, meta) => {
  const fields = meta?.error === undefined ? {} : { error: meta.error };
  // Its messages repeat the stack that the error carries.
  if (level === "error") log.error(`Jobs: ${message.split("\n")[0]}`, fields);
  else if (level === "warning" && !idleAdvice.some((word) => message.includes(word)))
    log.warn(`Jobs: ${message}`, fields);
  else log.debug(`Jobs: ${message}`, fields);
});
