import { AgentError } from "@/lib/agent/errors";
import type { FactsReading } from "@/lib/agent/read-facts";
import { now } from "@/lib/clock";
import { prisma, type Transaction } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { AppError } from "@/lib/errors";
import { type DerivedAccess, deriveAccess } from "@/lib/features/access/derive";
import { storeDerived } from "@/lib/features/access/store-derived";
import { packFacts, readableFacts, storedLogins, unpackFacts } from "@/lib/features/access/stored-facts";
import { wakeKeyFleet } from "@/lib/features/access/wake-key-fleet";
import { withManagedHost } from "@/lib/features/hosts/reach";
import { enqueue } from "@/lib/jobs/enqueue";
import type { JobContext } from "@/lib/jobs/handlers";
import { log } from "@/lib/log";
import { SshError } from "@/lib/ssh/errors";

/** Reads who can log in on a host and writes it down. A host that cannot be read keeps what was read before. */
export async function collectAccess(hostId: string, context: JobContext): Promise<void> {
  const known = await prisma().accessReading.findUnique({
    where: { hostId },
    select: { hash: true, facts: true },
  });
  const stored = readableFacts(hostId, known?.facts);
  const at = now();
  try {
    // What cannot be read here any more is asked for anew, whole.
    const hash = stored ? (known?.hash ?? undefined) : undefined;
    const reading = await withManagedHost(hostId, (agent) => agent.facts(hash), {
      signal: context.signal,
    });
    const facts = reading.facts ?? stored;
    const derived = facts && deriveAccess(facts, reading.logins, at, reading.loginsSince);
    await prisma().$transaction((db) => recordFacts(db, hostId, reading, at, derived), { timeout: 30_000 });
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
 * @param derived what the facts come to, old or new; undefined when there never were any
 */
export async function recordFacts(
  db: Transaction,
  hostId: string,
  reading: FactsReading,
  at: Date,
  derived: DerivedAccess | undefined,
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
  if (derived) await storeDerived(db, hostId, derived, at);
  await wakeKeyFleet(db, hostId);
  // Also when the facts are the same: what expires, and whose key it is, decides as well.
  await enqueue(
    db,
    "access-rules.check",
    { hostId },
    { jobKey: `access-rules.check:${hostId}`, priority: 5 },
  );
  await appendEvent(db, { topic: `host:${hostId}`, kind: "access", data: {} });
}

/**
 * Makes the rows of a host anew from what was read, without asking the host: after the model has become another one.
 *
 * A reading that was written meanwhile has made them already, and wins.
 */
export async function deriveAnew(hostId: string): Promise<void> {
  const reading = await prisma().accessReading.findUnique({ where: { hostId } });
  if (!reading?.facts || !reading.readAt) return;
  const { readAt, loginsSince } = reading;
  const facts = unpackFacts(reading.facts);
  const logins = storedLogins(reading.logins);
  const derived = deriveAccess(facts, logins, now(), loginsSince?.toISOString());
  await prisma().$transaction(
    async (db) => {
      const same = await db.$queryRaw<unknown[]>`
        SELECT 1 FROM "AccessReading" WHERE "hostId" = ${hostId}::uuid AND "readAt" = ${readAt} FOR UPDATE`;
      if (same.length === 0) return;
      await storeDerived(db, hostId, derived, readAt);
      await appendEvent(db, { topic: `host:${hostId}`, kind: "access", data: {} });
    },
    { timeout: 30_000 },
  );
}

async function recordFailure(db: Transaction, hostId: string, failure: string, at: Date): Promise<void> {
  const host = await db.host.findUnique({ where: { id: hostId }, select: { id: true } });
  if (!host) return;
  const data = { failedAt: at, failure: failure.replaceAll("\0", "\uFFFD").toWellFormed().slice(0, 1000) };
  await db.accessReading.upsert({ where: { hostId }, create: { hostId, ...data }, update: data });
  await wakeKeyFleet(db, hostId);
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
