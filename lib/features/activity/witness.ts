import type { Agent } from "@/lib/agent/client";
import { AgentError } from "@/lib/agent/errors";
import { now } from "@/lib/clock";
import { appendActivity } from "@/lib/db/activity";
import { type Db, prisma } from "@/lib/db/client";
import { checkpointOf } from "@/lib/features/activity/export-format";
import { parseCheckpoint, printCheckpoint, type SignedCheckpoint } from "@/lib/secrets/checkpoint";

/**
 * Shows a host the newest checkpoint, if it has not seen it, and holds what it keeps against our rows.
 *
 * Only lines that our own key signed are looked at: a hostile host can withhold a line, but not make one up.
 *
 * @param witness the agent's verb; an agent that does not know it yet is left alone
 */
export async function showCheckpoint(
  hostId: string,
  witness: Agent["witness"],
  db: Db = prisma(),
): Promise<void> {
  const [newest, shown] = await Promise.all([
    // By moment: a chain that was cut off has newer checkpoints with lower numbers.
    db.activityCheckpoint.findFirst({ orderBy: [{ at: "desc" }, { seq: "desc" }] }),
    db.activityWitness.findUnique({ where: { hostId } }),
  ]);
  if (!newest || (shown && shown.shownAt >= newest.at)) return;
  const checkpoint = checkpointOf(newest);
  const text = await ask(witness, printCheckpoint(checkpoint));
  if (text === null) return;
  const kept = text
    .split("\n")
    .flatMap((line) => parseCheckpoint(line) ?? [])
    .filter(({ publicKey }) => publicKey === checkpoint.publicKey);
  const fault = await findFault(db, kept);
  await record(db, hostId, { seq: newest.seq, fault });
}

/** The lines that the host keeps; null when it could not be asked this time. */
async function ask(witness: Agent["witness"], line: string): Promise<string | null> {
  try {
    return (await witness(line)).lines;
  } catch (error) {
    // An older agent, a full disk, a busy lock: the next heartbeat tries again. A host that is silent is its own alarm.
    if (error instanceof AgentError) return null;
    throw error;
  }
}

/** The first of what a host keeps that our rows do not say any more, in one sentence; null: they agree. */
async function findFault(db: Db, kept: readonly SignedCheckpoint[]): Promise<string | null> {
  const rows = await db.activity.findMany({
    where: { seq: { in: kept.map(({ seq }) => BigInt(seq)) } },
    select: { seq: true, hash: true },
  });
  const hashes = new Map(rows.map(({ seq, hash }) => [seq.toString(), Buffer.from(hash).toString("hex")]));
  for (const { seq, hash, at } of kept) {
    const there = hashes.get(seq);
    if (there === undefined)
      return `At ${at} the activity ended with row ${seq}, and that row is not there any more: the activity was cut off.`;
    if (there !== hash)
      return `At ${at} the activity ended with another row ${seq} than it has now: the activity was rewritten.`;
  }
  return null;
}

async function record(
  db: Db,
  hostId: string,
  { seq, fault }: { readonly seq: bigint; readonly fault: string | null },
): Promise<void> {
  const at = now();
  await db.$transaction(async (tx) => {
    const host = await tx.host.findUnique({ where: { id: hostId }, include: { witness: true } });
    if (!host) return;
    // What was noticed first stays: as rows are added, a chain that was cut off looks like one that was rewritten.
    const earlier = fault === null ? null : (host.witness?.fault ?? null);
    const isNew = fault !== null && earlier === null;
    const row = {
      seq,
      shownAt: at,
      fault: earlier ?? fault,
      faultAt: isNew ? at : fault === null ? null : (host.witness?.faultAt ?? at),
    };
    await tx.activityWitness.upsert({ where: { hostId }, create: { hostId, ...row }, update: row });
    if (!isNew) return;
    await appendActivity(tx, {
      at,
      actor: { id: null, name: "Gatehouse" },
      address: "",
      action: "activity.witness",
      outcome: "failed",
      target: { type: "host", id: host.id, name: host.name },
      detail: { message: fault },
    });
  });
}
