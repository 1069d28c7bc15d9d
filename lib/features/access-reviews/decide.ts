import type { Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { isReviewerOf, type Narrowing, narrowedTo } from "@/lib/features/access-reviews/items-sql";
import type { Decision } from "@/lib/features/access-reviews/schema";
import { Prisma } from "@/lib/generated/prisma/client";
import type { Actor } from "@/lib/usecase";

/** What a reviewer decided about a way that somebody else had decided about since he looked. */
export interface Conflict {
  number: number;
  host: string;
  account: string;
  decision: Decision | null;
  decidedByName: string | null;
}

interface Verdict {
  readonly decision: Decision | "undecided";
  readonly reason: string;
  readonly actor: Actor;
  readonly now: Date;
}

interface LockedItem {
  number: number;
  version: number;
  hostName: string;
  account: string;
  decision: Decision | null;
  decidedByName: string | null;
  isMine: boolean;
}

/**
 * Decides about these items, as far as each is still as the reviewer saw it; the others are told and stay as they are.
 *
 * @throws AppError `not_found` for an item that is not there, `forbidden` for one of another reviewer's hosts: then
 *   nothing is decided
 */
export async function decideSeen(
  db: Transaction,
  reviewId: string,
  seen: readonly { number: number; version: number }[],
  verdict: Verdict,
): Promise<{ decided: number[]; conflicts: Conflict[] }> {
  const numbers = seen.map(({ number }) => number);
  const versions = new Map(seen.map(({ number, version }) => [number, version]));
  // Locked in one order, so that two reviewers of many ways wait for one another and never for each other.
  const locked = await db.$queryRaw<LockedItem[]>`
    SELECT i.number, i.version, i."hostName", i.account, i.decision, i."decidedByName",
      ${isReviewerOf(verdict.actor.personId)} AS "isMine"
    FROM "AccessReviewItem" i WHERE i."reviewId" = ${reviewId}::uuid AND i.number = ANY (${numbers}::int[])
    ORDER BY i.number FOR UPDATE OF i`;
  if (locked.length < versions.size)
    throw new AppError("not_found", "One of these ways is not in this review.");
  const foreign = locked.find((item) => !item.isMine);
  if (foreign)
    throw new AppError(
      "forbidden",
      `You do not decide about ${foreign.hostName}. Its reviewers do, or ask an admin to name you.`,
      { detail: `item ${foreign.number}` },
    );
  const [fresh, stale] = split(locked, (item) => item.version === versions.get(item.number));
  const decided = fresh.map(({ number }) => number);
  await write(db, reviewId, decided, verdict);
  return {
    decided,
    conflicts: stale.map(({ number, hostName, account, decision, decidedByName }) => ({
      number,
      host: hostName,
      account,
      decision,
      decidedByName,
    })),
  };
}

/**
 * Decides about every undecided way of the actor's that fits.
 *
 * @throws AppError `conflict` when they are not as many as he was told
 */
export async function decideAllFitting(
  db: Transaction,
  reviewId: string,
  filter: Narrowing,
  expected: number,
  verdict: Verdict,
): Promise<number[]> {
  const rows = await db.$queryRaw<{ number: number }[]>`
    SELECT i.number FROM "AccessReviewItem" i
    WHERE ${narrowedTo(reviewId, filter)} AND i.decision IS NULL AND ${isReviewerOf(verdict.actor.personId)}
    ORDER BY i.number FOR UPDATE OF i`;
  if (rows.length !== expected)
    throw new AppError(
      "conflict",
      `By now ${rows.length} of your undecided ways fit, not ${expected}: somebody else decided meanwhile. Look again.`,
    );
  const numbers = rows.map(({ number }) => number);
  await write(db, reviewId, numbers, verdict);
  return numbers;
}

async function write(
  db: Transaction,
  reviewId: string,
  numbers: readonly number[],
  { decision, reason, actor, now }: Verdict,
): Promise<void> {
  if (numbers.length === 0) return;
  const where = { reviewId, number: { in: [...numbers] } };
  // Whatever it was before: a decision that is taken back or turned round is no to-do any more.
  await db.accessRevocation.deleteMany({ where });
  const isDecided = decision !== "undecided";
  await db.accessReviewItem.updateMany({
    where,
    data: {
      decision: isDecided ? decision : null,
      reason: isDecided ? reason : "",
      decidedById: isDecided ? actor.personId : null,
      decidedByName: isDecided ? actor.name : null,
      decidedAt: isDecided ? now : null,
      version: { increment: 1 },
    },
  });
  if (decision === "revoke")
    await db.$executeRaw`
      INSERT INTO "AccessRevocation" ("reviewId", number, "hostId", "revokedAt")
      SELECT "reviewId", number, "hostId", "decidedAt" FROM "AccessReviewItem"
      WHERE "reviewId" = ${reviewId}::uuid AND number IN (${Prisma.join([...numbers])})`;
}

function split<Item>(items: readonly Item[], fits: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(fits), items.filter((item) => !fits(item))];
}

/** "1–4, 7": which items an activity row is about, in few words. */
export function rangesOf(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(", ");
}
