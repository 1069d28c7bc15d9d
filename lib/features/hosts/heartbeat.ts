import { AgentError } from "@/lib/agent/errors";
import { sleep } from "@/lib/clock";
import { prisma } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { showCheckpoint } from "@/lib/features/activity/witness";
import { withManagedHost } from "@/lib/features/hosts/reach";
import { recordHello, recordSilence } from "@/lib/features/hosts/record-hello";
import type { JobContext } from "@/lib/jobs/handlers";
import { findLiveWorkers } from "@/lib/jobs/liveness";
import { SshError } from "@/lib/ssh/errors";

/**
 * Heartbeats a worker begins within a minute. A login and a hello take 20 ms of the worker's processor time (measured):
 * 900 are a third of one core. With more hosts each is asked less often (3,000 hosts, one worker: every 200 s), never later
 * and later.
 */
const heartbeatsPerWorkerAndMinute = 900;
/** Heartbeats of one minute are spread over so much of it, so that they do not come all at once. */
const spreadSeconds = 50;
/** Before a host that answered last time counts as unreachable. Long enough for sshd to restart. */
const secondTrySeconds = 3;

/** Enqueues the heartbeats of this minute: the hosts asked longest ago, as many as the workers can bear. */
export async function enqueueHeartbeats(): Promise<void> {
  const db = prisma();
  const workers = Math.max(1, (await findLiveWorkers(db)).length);
  const budget = workers * heartbeatsPerWorkerAndMinute;
  // One statement: 3,000 hosts are one round trip. A host whose heartbeat still waits keeps its place.
  await db.$executeRaw`
    SELECT graphile_worker.add_jobs(
      array(
        SELECT ROW(
          'host.heartbeat', json_build_object('hostId', due.id), NULL,
          now() + make_interval(secs => random() * ${spreadSeconds}), 1, 'heartbeat:' || due.id, 10, NULL
        )::graphile_worker.job_spec
        FROM (
          SELECT id FROM "Host" WHERE state = 'managed' ORDER BY "checkedAt" NULLS FIRST LIMIT ${budget}
        ) due
      ),
      job_key_preserve_run_at => true
    )`;
}

/** Asks one host how it is. Whatever comes of it is written down; nothing throws but a broken database. */
export async function beatHost(hostId: string, context: JobContext): Promise<void> {
  const before = await prisma().host.findUnique({ where: { id: hostId }, select: { reachable: true } });
  const first = await ask(hostId, context);
  if (first === null || context.signal.aborted) return;
  if (before?.reachable) {
    await sleep(secondTrySeconds, context.signal);
    if (context.signal.aborted || (await ask(hostId, context)) === null) return;
  }
  await recordSilence(hostId, first);
}

/** @returns null when the host answered or must not be asked, else why it is silent */
async function ask(hostId: string, context: JobContext): Promise<string | null> {
  try {
    await withManagedHost(
      hostId,
      async (agent) => {
        await recordHello(hostId, await agent.hello());
        await showCheckpoint(hostId, agent.witness);
      },
      { signal: context.signal },
    );
    return null;
  } catch (error) {
    if (error instanceof AppError) return null;
    if (error instanceof SshError) return error.failure === "host-key-changed" ? null : error.message;
    if (error instanceof AgentError) return [error.message, error.hostText].filter(Boolean).join(" ");
    throw error;
  }
}
