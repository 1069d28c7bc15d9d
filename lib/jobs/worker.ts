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
import { type JobName, payloadSchemas } from "@/lib/jobs/catalogue";
import { crontab } from "@/lib/jobs/crontab";
import type { JobHandlers } from "@/lib/jobs/handlers";
import { beat, beatSeconds, lifelineOf, recoverJobs } from "@/lib/jobs/liveness";
import { applyJobMigrations } from "@/lib/jobs/schema.mjs";
import { log } from "@/lib/log";
import { type BoxKey, makeBoxKey, openBox } from "@/lib/secrets/box";

/** What people wait for, and long jobs that mostly wait for a host. */
const concurrency = 20;
/** Heartbeats have places of their own: hosts that do not answer must not keep a change waiting, nor the reverse. */
const heartbeatConcurrency = 16;
const heartbeatJob: JobName = "host.heartbeat";
/** So have readings of who can log in: a host may take two minutes for one, and thousands are read every day. */
const accessConcurrency = 6;
const accessJob: JobName = "access.collect";

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
  const pools: string[] = [];
  const start = async (chosen: readonly JobName[], places: number, hasCron: boolean) => {
    const events: WorkerEvents = new EventEmitter();
    events.on("pool:create", ({ workerPool }) => pools.push(workerPool.id));
    runners.push(
      await run({
        connectionString: env().databaseUrl,
        maxPoolSize: queueConnections,
        concurrency: places,
        noHandleSignals: true,
        gracefulShutdownAbortTimeout: gracefulSeconds * 1000,
        pollInterval: 1000,
        taskList: listOf(chosen),
        parsedCronItems: hasCron ? cronItems() : [],
        events,
        logger,
      }),
    );
    await db.worker.update({ where: { id }, data: { pools } });
  };
  await start(
    names.filter((name) => name !== heartbeatJob && name !== accessJob),
    concurrency,
    true,
  );
  await start([heartbeatJob], heartbeatConcurrency, false);
  await start([accessJob], accessConcurrency, false);

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
  log.info("Worker started", { worker: id, jobs: names.length, places: concurrency });
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

/** A job holds no connection of the queue while it runs, so that many jobs share few. */
const queueConnections = 6;
/** graphile advises a connection a job; see above. */
const idleAdvice = "maxPoolSize";

/** graphile's words in our log; its notes on every job are for debugging. */
const logger = new Logger(() => (level, message, meta) => {
  const fields = meta?.error === undefined ? {} : { error: meta.error };
  // Its messages repeat the stack that the error carries.
  if (level === "error") log.error(`Jobs: ${message.split("\n")[0]}`, fields);
  else if (level === "warning" && !message.includes(idleAdvice)) log.warn(`Jobs: ${message}`, fields);
  else log.debug(`Jobs: ${message}`, fields);
});
