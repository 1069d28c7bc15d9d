import type { Agent } from "@/lib/agent/client";
import { AgentError } from "@/lib/agent/errors";
import type { HostCodes } from "@/lib/agent/read-codes";
import { now as clockNow } from "@/lib/clock";
import { prisma, type Transaction } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { AppError } from "@/lib/errors";
import { withManagedHost } from "@/lib/features/hosts/reach";
import type { JobContext } from "@/lib/jobs/handlers";
import { SshError } from "@/lib/ssh/errors";

/** What a host says of its state files, and its clock minus ours, in seconds. */
export interface CodesReading {
  readonly codes: HostCodes;
  readonly clockOffsetSeconds: number;
}

/** Asks a host over an open connection. The clock is told by `hello`, whose answer is quick: half its way is allowed for. */
export async function readFrom(agent: Agent): Promise<CodesReading> {
  const { codes } = await agent.readCodes();
  const asked = clockNow().getTime();
  const { clockSeconds } = await agent.hello();
  const answered = clockNow().getTime();
  // The host tells whole seconds: half a one is added.
  return { codes, clockOffsetSeconds: clockSeconds + 0.5 - (asked + answered) / 2000 };
}

/** Reads the state files on a host and writes down what it said. A host that cannot be read keeps what was read before. */
export async function readHostCodesNow(hostId: string, context: JobContext): Promise<void> {
  try {
    const reading = await withManagedHost(hostId, readFrom, { signal: context.signal });
    await prisma().$transaction((db) => recordCodes(db, hostId, { reading, at: clockNow() }));
  } catch (error) {
    const isExpected = error instanceof SshError || error instanceof AgentError || error instanceof AppError;
    if (context.signal.aborted || !isExpected) throw error;
    const failure = error.message;
    await prisma().$transaction((db) => recordUnread(db, hostId, failure, clockNow()));
  }
}

/** @param at when the host said it */
export async function recordCodes(
  db: Transaction,
  hostId: string,
  { reading, at }: { reading: CodesReading; at: Date },
): Promise<void> {
  const { codes, clockOffsetSeconds } = reading;
  const data = { codes, clockOffsetSeconds, readAt: at, failedAt: null, failure: null };
  await db.hostCodeReading.upsert({ where: { hostId }, create: { hostId, ...data }, update: data });
  await appendEvent(db, { topic: `host:${hostId}`, kind: "codes", data: {} });
}

/** What was read before stays, with why it is not newer. */
export async function recordUnread(
  db: Transaction,
  hostId: string,
  failure: string,
  at: Date,
): Promise<void> {
  if ((await db.host.count({ where: { id: hostId } })) === 0) return;
  const data = { failedAt: at, failure };
  await db.hostCodeReading.upsert({ where: { hostId }, create: { hostId, ...data }, update: data });
  await appendEvent(db, { topic: `host:${hostId}`, kind: "codes", data: {} });
}
