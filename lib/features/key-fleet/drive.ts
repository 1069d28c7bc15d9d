import { isDeepStrictEqual } from "node:util";
import { type ChangeState, isPending, pendingStates } from "@/lib/change/machine";
import { now } from "@/lib/clock";
import { prisma, type Transaction } from "@/lib/db/client";
import { observeKeys } from "@/lib/features/access/key-files";
import { unpackFacts } from "@/lib/features/access/stored-facts";
import { gapOf } from "@/lib/features/access-reviews/gap";
import { lastEndOn } from "@/lib/features/changes/judge-again";
import { readPlan } from "@/lib/features/changes/stored";
import { obstacleOf } from "@/lib/features/hosts/host-target";
import { applyNext } from "@/lib/features/key-fleet/apply-next";
import { type Expanded, expandWishes } from "@/lib/features/key-fleet/expand-wishes";
import { addedSince, goesOn, lastEnd, withoutAdded } from "@/lib/features/key-fleet/go-on";
import { judgeTogether } from "@/lib/features/key-fleet/judge-together";
import { makePlans } from "@/lib/features/key-fleet/make-plans";
import { dropChange, setPart } from "@/lib/features/key-fleet/part";
import { type Wish, Wishes } from "@/lib/features/key-fleet/schema";
import { readWanted, type Wanted } from "@/lib/features/placements/wanted";
import type { Prisma } from "@/lib/generated/prisma/client";
import { enqueue, hostQueue } from "@/lib/jobs/enqueue";
import { fingerprint, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { findBuild } from "@/lib/sshd-config/build";

/** Refusals in a row that another reading may mend: somebody edited the file meanwhile. */
const mostTries = 3;
/** While keys only come the host is read no sooner after the last of them: longer than one change takes. */
const readingWaitsSeconds = 30;
/** A reading that was asked for and did not come is asked for again. */
const askAgainMinutes = 5;

/** A host's part in a batch with everything that its next step depends on. */
export type Part = Prisma.KeyBatchHostGetPayload<{ include: typeof withSurroundings }>;

const withSurroundings = {
  batch: true,
  host: { include: { access: true } },
  changes: {
    where: { settledAt: null },
    include: { change: true },
    orderBy: { change: { createdAt: "asc" } },
  },
} satisfies Prisma.KeyBatchHostInclude;

/**
 * Takes the next step of every batch that wants something of a host, the oldest first.
 *
 * Only the database is touched: hosts are read, planned and changed by the jobs that this enqueues, and each of their ends
 * calls for this again. What is done next follows from the rows alone, so it may be killed and begun again anywhere.
 */
export async function driveHost(hostId: string): Promise<void> {
  const open = await prisma().keyBatchHost.findMany({
    where: { hostId, endedAt: null },
    orderBy: [{ batch: { createdAt: "asc" } }, { id: "asc" }],
    select: { id: true },
  });
  for (const { id } of open)
    await prisma().$transaction((db) => drivePart(db, id, now()), { timeout: 30_000 });
}

async function drivePart(db: Transaction, id: string, at: Date): Promise<void> {
  await db.$queryRaw`select 1 from "KeyBatchHost" where id = ${id}::uuid for update`;
  const part = await db.keyBatchHost.findUnique({ where: { id }, include: withSurroundings });
  if (!part || part.endedAt) return;
  if (part.changes.some(({ change }) => isPending(change.state as ChangeState)))
    return setPart(db, part, "applying", at);
  if (part.batch.cancelledAt) {
    for (const { change } of part.changes) await dropChange(db, change, "The batch was cancelled.", at);
    return setPart(db, part, "cancelled", at);
  }
  if (part.state === "refused") return;
  if (await settleEnded(db, part, at)) return drivePart(db, id, at);
  if (part.changes.some(({ change }) => change.state === "planning"))
    return setPart(db, part, "planning", at);
  const silence = whyNotAsked(part);
  if (silence) return setPart(db, part, "waiting", at, { reason: silence });
  // What is read while another change is open is not what stands there when it has ended.
  const foreign = await db.change.findFirst({
    where: { hostId: part.hostId, state: { in: [...pendingStates] } },
    select: { path: true },
  });
  if (foreign)
    return setPart(db, part, "waiting", at, {
      reason: `Another change, to ${foreign.path}, is still open on this host.`,
    });
  const otherEnd = await lastEndOfOthers(db, part);
  if (otherEnd && otherEnd > part.readAfter) {
    await setPart(db, part, "reading", at, { readAfter: otherEnd });
    return drivePart(db, id, at);
  }
  const { access } = part.host;
  if (!access?.facts || !access.readAt || access.readAt <= part.readAfter) return askForReading(db, part, at);
  const expanded = await expand(db, part, access.facts, at);
  if (typeof expanded === "string") return setPart(db, part, "refused", at, { reason: expanded });
  const added = await addedSince(db, part, access.readAt);
  const files = withoutAdded(expanded.files, added);
  if (files === undefined) {
    await setPart(db, part, "reading", at, { readAfter: lastEnd(part.readAfter, added) });
    return drivePart(db, id, at);
  }
  if (files.length === 0) return finish(db, part, expanded, at);
  const plans = await makePlans(db, part, files, at);
  if (typeof plans === "string") return setPart(db, part, "refused", at, { reason: plans });
  if (plans === undefined) return setPart(db, part, "planning", at);
  if (part.confirmedAt) return applyNext(db, part, plans, at);
  // Also when it is planned already: with what was read since, the same plans may take a last way in.
  const judged = await judgeTogether(db, part.hostId, plans, access, at);
  const rule = plans.flatMap((change) => readPlan(change.plan)?.rules ?? []).find((one) => one.isBlocking);
  const shown = {
    reason: rule ? `The rule “${rule.name}” stands against it: ${rule.sentence}.` : null,
    obstacle: judged.obstacle,
    shutOut: judged.shutOut.accounts,
    losesWays: judged.loses.total,
    gainsWays: judged.gains.total,
  };
  const { reason, obstacle, shutOut, losesWays, gainsWays } = part;
  const isSame = isDeepStrictEqual({ reason, obstacle, shutOut, losesWays, gainsWays }, shown);
  if (part.state !== "planned" || !isSame) await setPart(db, part, "planned", at, shown);
}

/** Looks at changes that have ended, and at plans that failed. @returns whether anything has moved on */
async function settleEnded(db: Transaction, part: Part, at: Date): Promise<boolean> {
  let failure: { text: string; isFinal: boolean } | undefined;
  const ends: Date[] = [];
  if (goesOn(part.changes.map(({ change }) => change))) {
    const kept = part.changes.filter(({ change }) => change.state === "confirmed");
    await db.keyBatchChange.updateMany({
      where: { changeId: { in: kept.map(({ changeId }) => changeId) } },
      data: { settledAt: at },
    });
    // Each kept change has asked for a reading, for which the next one would have to wait.
    await enqueueReading(db, part.hostId, new Date(at.getTime() + readingWaitsSeconds * 1000));
    await setPart(db, part, "applying", at, { tries: 0 });
    return true;
  }
  for (const { change } of part.changes) {
    const state = change.state as ChangeState;
    if (state === "planned" && change.planError !== null) {
      // The host could not be asked. It is as if nothing had been planned; the heartbeat tells when it is back.
      await dropChange(db, change, "The host could not be asked. The batch plans it anew.", at);
      failure ??= { text: change.planError, isFinal: false };
      ends.push(at);
    } else if (state === "confirmed") {
      await db.keyBatchChange.update({ where: { changeId: change.id }, data: { settledAt: at } });
      ends.push(change.endedAt ?? at);
    } else if (state !== "planned" && state !== "planning") {
      await db.keyBatchChange.update({ where: { changeId: change.id }, data: { settledAt: at } });
      // A refusal may be because somebody edited the file meanwhile; an undone change must be looked at.
      failure = { text: change.outcome ?? "The change has ended.", isFinal: state !== "refused" };
      ends.push(change.endedAt ?? at);
    }
  }
  if (ends.length === 0) return false;
  // A reading that began after the last of them is one of what is there now.
  const readAfter = new Date(Math.max(...[part.readAfter, ...ends].map((end) => end.getTime())));
  const tries = failure ? part.tries + 1 : 0;
  if (failure && (failure.isFinal || tries >= mostTries))
    await setPart(db, part, "refused", at, { reason: failure.text, tries, readAfter });
  else await setPart(db, part, "reading", at, { reason: failure?.text ?? null, tries, readAfter });
  return true;
}

/** When the last change of the host ended that is not of this part. */
function lastEndOfOthers(db: Transaction, { id, hostId }: Part): Promise<Date | null> {
  return lastEndOn(db, hostId, {
    OR: [{ batch: { is: null } }, { batch: { is: { batchHostId: { not: id } } } }],
  });
}

/** Why the host is not asked now; null when it is. */
function whyNotAsked({ host }: Part): string | null {
  const obstacle = obstacleOf(host);
  if (obstacle) return obstacle;
  if (host.reachable === false)
    return `The host does not answer: ${host.unreachableReason ?? "no reason is known"} It is tried again when it is back.`;
  return null;
}

async function askForReading(db: Transaction, part: Part, at: Date): Promise<void> {
  const { hostId, askedAt, readAfter } = part;
  const failedAt = part.host.access?.failedAt;
  const hasFailed = failedAt != null && failedAt > readAfter && askedAt !== null && failedAt > askedAt;
  const isOld = askedAt === null || at.getTime() - askedAt.getTime() > askAgainMinutes * 60_000;
  const isDue = isOld || askedAt <= readAfter;
  const state = hasFailed ? "waiting" : "reading";
  const reason = hasFailed ? `The host could not be read: ${part.host.access?.failure ?? ""}` : part.reason;
  if (!isDue) return setPart(db, part, state, at, { reason });
  await enqueueReading(db, hostId);
  await setPart(db, part, state, at, { reason, askedAt: at });
}

/** One waiting reading a host: a later call moves it. */
function enqueueReading(db: Transaction, hostId: string, runAt?: Date): Promise<void> {
  const options = { jobKey: `access.collect:${hostId}`, queue: hostQueue(hostId), priority: 5 };
  return enqueue(db, "access.collect", { hostId }, { ...options, ...(runAt && { runAt }) });
}

/** What is to be done by what was read; a sentence where that cannot be told. */
async function expand(db: Transaction, part: Part, facts: Uint8Array, at: Date): Promise<Expanded | string> {
  const { host } = part;
  const observed = observeKeys(unpackFacts(facts), Math.floor(at.getTime() / 1000));
  if (typeof observed === "string")
    return `sshd refuses its own configuration on this host, so nobody can tell whose keys count: ${observed}`;
  const wanted = await readWanted(db, host, at);
  const own = host.managementPublicKey ? parsePublicKey(host.managementPublicKey) : undefined;
  return expandWishes(wishesOf(part, wanted), observed, {
    wanted,
    management: own && fingerprint(own.blob),
    release: findBuild(host.sshdVersion ?? "").build.release,
  });
}

/** What is still wished: a key that somebody who is here has proved since does not go with whoever has left. */
function wishesOf({ batch, wishes }: Part, { known }: Pick<Wanted, "known">): Wish[] {
  return Wishes.parse(wishes).filter(
    (wish) => batch.kind !== "offboard" || known.get(wish.fingerprint)?.isGone !== false,
  );
}

/** Nothing is left to do by a reading made after the last change: that is the only proof that counts. */
async function finish(db: Transaction, part: Part, { blocked }: Expanded, at: Date): Promise<void> {
  for (const { change } of part.changes) await dropChange(db, change, "It is so already.", at);
  const [first] = blocked;
  if (first !== undefined) return setPart(db, part, "refused", at, { reason: first });
  const gap = gapOf(part.host.access, at);
  if (gap !== null)
    return setPart(db, part, "refused", at, { reason: `Nobody can tell that this is all. ${gap}` });
  const way = await remainingWay(db, part, at);
  if (way)
    return setPart(db, part, "refused", at, {
      reason: `A way in remains that is not written from here: ${way.account} by ${way.keySources.filter(Boolean).join(", ") || "a key whose line is not known"}.`,
    });
  await setPart(db, part, "done", at, { tries: 0 });
}

/** A way in by a key that was to go everywhere: from a file that only some addresses are sent to, say. */
async function remainingWay(db: Transaction, part: Part, at: Date) {
  const gone = wishesOf(part, await readWanted(db, part.host, at)).flatMap((wish) =>
    wish.kind === "remove" ? [wish.fingerprint] : [],
  );
  if (gone.length === 0) return null;
  return db.accessPath.findFirst({
    where: { hostId: part.hostId, goneAt: null, fingerprints: { hasSome: gone } },
    select: { account: true, keySources: true },
  });
}
