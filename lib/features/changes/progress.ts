import { type ChangeState, canBecome, isEnded } from "@/lib/change/machine";
import { now } from "@/lib/clock";
import { appendResult } from "@/lib/db/activity";
import type { Transaction } from "@/lib/db/client";
import { appendEvents } from "@/lib/db/events";
import { wakeKeyFleet } from "@/lib/features/access/wake-key-fleet";
import { recordKept } from "@/lib/features/config/record-reading";
import type { Change, Prisma } from "@/lib/generated/prisma/client";
import { enqueue, hostQueue } from "@/lib/jobs/enqueue";

/** What a change did next, for the timeline. */
export interface Step {
  /** Short and stable; the page chooses its look by it. Most are the state that was reached. */
  readonly kind: string;
  /** One sentence for people. */
  readonly text: string;
  readonly detail?: Prisma.InputJsonObject;
}

/** As much of a change as its progress needs. */
export type MovingChange = Pick<Change, "id" | "hostId" | "state" | "path" | "appliedAt" | "sentAt">;

/** Writes one line of the timeline, and tells the pages that show it. */
export async function addStep(
  db: Transaction,
  change: Pick<Change, "id" | "hostId">,
  { kind, text, detail }: Step,
): Promise<void> {
  // Our clock, like every other moment of a change; the host's own text may hold characters that no column takes.
  await db.changeStep.create({
    data: { changeId: change.id, at: now(), kind, text: storableText(text), ...(detail && { detail }) },
  });
  await tell(db, change, kind);
}

/**
 * Moves a change to its next state, with a line of the timeline: the only way that a state changes.
 *
 * Compare-and-set: false, and nothing is written, when the change is no longer in the state that `change` was read in.
 *
 * @param data what is known with the new state, written in the same statement
 * @throws Error when lib/change/machine.ts does not allow it: a bug of ours
 */
export async function moveTo(
  db: Transaction,
  change: MovingChange,
  to: ChangeState,
  step: Step,
  data: Prisma.ChangeUpdateManyMutationInput = {},
): Promise<boolean> {
  const from = change.state as ChangeState;
  if (!canBecome(from, to)) throw new Error(`a change cannot become ${to} from ${from}`);
  const ended = isEnded(to);
  const { count } = await db.change.updateMany({
    where: { id: change.id, state: from },
    data: { ...data, state: to, ...(ended && { endedAt: now(), outcome: storableText(step.text) }) },
  });
  if (count === 0) return false;
  await addStep(db, change, step);
  if (ended || to === "planned") await wakeKeyFleet(db, change.hostId);
  if (ended) await settle(db, change, from, to, step);
  return true;
}

/**
 * How long a reading that only makes sure waits for other changes, and how much longer for each that is open: of fifty at
 * once the first must not be read while the last are proved. Longer: the page of who can log in is old for longer.
 */
const settleSeconds = { first: 3, eachOpen: 0.3, most: 30 } as const;

async function settledAt(db: Transaction): Promise<Date> {
  const open = await db.change.count({ where: { state: { in: ["applying", "proving", "confirming"] } } });
  const seconds = Math.min(settleSeconds.most, settleSeconds.first + open * settleSeconds.eachOpen);
  return new Date(now().getTime() + seconds * 1000);
}

/** After the end: the tree is read again (what is there now is not what we think but what is there), and the activity. */
async function settle(
  db: Transaction,
  change: MovingChange,
  from: ChangeState,
  to: ChangeState,
  { text }: Step,
): Promise<void> {
  if (to === "discarded") return;
  const host = await db.host.findUnique({
    where: { id: change.hostId },
    select: { name: true, state: true },
  });
  const stored = await db.change.findUniqueOrThrow({ where: { id: change.id } });
  if (host?.state === "managed") {
    const { hostId } = change;
    // Of many changes at once those that are still open come first: each of them has a deadline. What was kept is known
    // already (below); an undone one is read at once, since the page shows another file than the host has.
    const runAt = to === "confirmed" ? await settledAt(db) : undefined;
    for (const job of readingsAfter(stored.kind)) {
      const options = {
        jobKey: `${job}:${hostId}`,
        queue: hostQueue(hostId),
        priority: 5,
        ...(runAt && { runAt }),
      };
      await enqueue(db, job, { hostId }, options);
    }
  }
  if (to === "confirmed" && stored.kind !== "keys") {
    await recordKept(db, stored);
    await dropDraft(db, stored);
  }
  // A plan that is refused was never applied: there is no act to end.
  if (from === "planning" || from === "planned") return;
  const author = await db.person.findUnique({ where: { id: stored.authorId }, select: { name: true } });
  await appendResult(db, {
    at: now(),
    actor: { id: stored.authorId, name: author?.name ?? "somebody" },
    address: "",
    action: "change.apply",
    outcome: to === "confirmed" ? "done" : to === "refused" ? "refused" : "failed",
    target: { type: "change", id: change.id, name: `${host?.name ?? ""} ${change.path}`.trim() },
    detail: { state: to, outcome: text },
  });
}

/** What a change did shows on the host, and nothing is believed of it before it was read. */
function readingsAfter(kind: string): readonly ("access.collect" | "config.read" | "host-code.read")[] {
  if (kind === "keys") return ["access.collect"];
  return kind === "two-factor" ? ["config.read", "access.collect", "host-code.read"] : ["config.read"];
}

/** The author's draft, when it holds exactly what is now in force: there is nothing left to do in it. */
async function dropDraft(db: Transaction, change: Change): Promise<void> {
  await db.draft.deleteMany({
    where: {
      personId: change.authorId,
      content: change.content,
      file: { hostId: change.hostId, path: change.path },
    },
  });
}

async function tell(db: Transaction, change: Pick<Change, "id" | "hostId">, kind: string): Promise<void> {
  await appendEvents(db, [
    { topic: `change:${change.id}`, kind: `change.${kind}`, data: {} },
    { topic: `host:${change.hostId}`, kind: "change", data: { changeId: change.id } },
    { topic: "hosts", kind: "change", data: { hostId: change.hostId } },
  ]);
}

const longestText = 2000;

/** Text as its column takes it: bounded, and without what PostgreSQL refuses. */
export function storableText(text: string): string {
  return text.replaceAll("\0", "\uFFFD").toWellFormed().slice(0, longestText);
}
