import { AgentError } from "@/lib/agent/errors";
import type { FactsReading } from "@/lib/agent/read-facts";
import { now } from "@/lib/clock";
import { prisma, type Transaction } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { AppError } from "@/lib/errors";
import { packFacts } from "@/lib/features/access/stored-facts";
import { withManagedHost } from "@/lib/features/hosts/reach";
import type { JobContext } from "@/lib/jobs/handlers";
import { log } from "@/lib/log";
import { SshError } from "@/lib/ssh/errors";

/** Reads who can log in on a host and writes it down. A host that cannot be read keeps what was read before. */
export async function collectAccess(hostId: string, context: JobContext): Promise<void> {
  const known = await prisma().accessReading.findUnique({ where: { hostId }, select: { hash: true } });
  const at = now();
  try {
    const reading = await withManagedHost(hostId, (agent) => agent.facts(known?.hash ?? undefined), {
      signal: context.signal,
    });
    await prisma().$transaction((db) => recordFacts(db, hostId, reading, at), { timeout: 15_000 });
  } catch (error) {
    const failure = reasonOf(error);
    if (failure === undefined) throw error;
    log.warn("Access could not be read", { hostId, error });
    await prisma().$transaction((db) => recordFailure(db, hostId, failure, at));
    if (error instanceof SshError && error.failure !== "host-key-changed" && !context.isLastAttempt)
      throw error;
  }
}

/**
 * Writes a reading down. Pages hear of it; a host on which nothing changed costs one small row.
 *
 * @param at when it was asked for
 */
export async function recordFacts(
  db: Transaction,
  hostId: string,
  reading: FactsReading,
  at: Date,
): Promise<void> {
  const host = await db.host.findUnique({ where: { id: hostId }, select: { id: true } });
  if (!host) return;
  const data = {
    logins: reading.logins.map((login) => ({ ...login })),
    loginsSince: reading.loginsSince ?? null,
    isConsistent: reading.isConsistent,
    readAt: at,
    failedAt: null,
    failure: null,
    ...(reading.facts && { hash: reading.hash, facts: packFacts(reading.facts), changedAt: at }),
  };
  await db.accessReading.upsert({ where: { hostId }, create: { hostId, ...data }, update: data });
  await appendEvent(db, { topic: `host:${hostId}`, kind: "access", data: {} });
}

async function recordFailure(db: Transaction, hostId: string, failure: string, at: Date): Promise<void> {
  const host = await db.host.findUnique({ where: { id: hostId }, select: { id: true } });
  if (!host) return;
  const data = { failedAt: at, failure: failure.replaceAll("\0", "\uFFFD").toWellFormed().slice(0, 1000) };
  await db.accessReading.upsert({ where: { hostId }, create: { hostId, ...data }, update: data });
  await appendEvent(db, { topic: `host:${hostId}`, kind: "access", data: {} });
}

/** Why the host could not be read, for people; undefined for a bug of ours. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof AgentError && error.code === "protocol")
    return "The agent on this host is too old to tell who can log in. Update it on the host's page.";
  if (error instanceof AgentError || error instanceof SshError || error instanceof AppError)
    return error.message;
  return undefined;
}
