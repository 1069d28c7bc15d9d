import { randomUUID } from "node:crypto";
import type { z } from "zod";
import type { Db, Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { type FrozenHost, type FrozenItem, hashOf, snapshotOf } from "@/lib/features/access-reviews/evidence";
import { mostItems, type OpenReviewInput } from "@/lib/features/access-reviews/schema";
import { regexOf } from "@/lib/features/access-reviews/scope";
import { countScope, takeSnapshot, writeItems } from "@/lib/features/access-reviews/snapshot";
import type { Prisma } from "@/lib/generated/prisma/client";
import type { Actor } from "@/lib/usecase";

/** A campaign as it will be written: nothing of it is read again. */
export interface FrozenCampaign {
  readonly review: Prisma.AccessReviewUncheckedCreateInput & { id: string; snapshotSha256: string };
  readonly hosts: readonly FrozenHost[];
  readonly items: readonly FrozenItem[];
  /** Of each host, by its id. */
  readonly reviewersOf: ReadonlyMap<string, readonly string[]>;
  /** All of them. */
  readonly reviewerIds: readonly string[];
}

/** Milliseconds: thousands of ways on a busy machine. */
const patience = 60_000;

/**
 * Everything that a campaign freezes, of one moment, with its hash. Writes nothing.
 *
 * @throws AppError why there is nothing to review, or too much
 */
export async function freezeReview(
  db: Db,
  input: z.output<typeof OpenReviewInput>,
  actor: Actor,
  now: Date,
): Promise<FrozenCampaign> {
  const { name, scope, accounts, reviewerIds, hostReviewers } = input;
  const dueAt = new Date(input.dueAt);
  if (dueAt <= now)
    throw new AppError("invalid", "dueAt: choose a moment that is still to come.", {
      fields: { dueAt: "Choose a moment that is still to come." },
    });
  const accountsRegex = regexOf(accounts);
  const { hosts, items } = await db.$transaction(
    async (tx) => {
      const inScope = await countScope(tx, scope, accountsRegex, now);
      refuseSize(inScope);
      return takeSnapshot(tx, inScope, accountsRegex);
    },
    // One snapshot of the database: ways and the reading that they are from belong together.
    { isolationLevel: "RepeatableRead", timeout: patience },
  );
  const own = new Map(hostReviewers.map((host) => [host.hostId, host.reviewerIds]));
  const reviewersOf = new Map(
    hosts.map(({ hostId }) => [hostId, [...new Set(own.get(hostId) ?? reviewerIds)]]),
  );
  if ([...own.keys()].some((hostId) => !reviewersOf.has(hostId)))
    throw new AppError("conflict", "A host with reviewers of its own is not in the scope.");
  const opened = { openedAt: now, openedById: actor.personId, openedByName: actor.name };
  const frozen = { id: randomUUID(), name, scope, accounts, ...opened };
  const snapshotSha256 = hashOf(snapshotOf(frozen, hosts, items));
  return {
    review: { ...frozen, accountsRegex, dueAt, itemCount: items.length, snapshotSha256 },
    hosts,
    items,
    reviewersOf,
    reviewerIds: [...new Set([...reviewersOf.values()].flat())],
  };
}

function refuseSize(hosts: readonly { ways: number }[]): void {
  if (hosts.length === 0) throw new AppError("conflict", "No host is in this scope. Choose another one.");
  const ways = hosts.reduce((sum, host) => sum + host.ways, 0);
  if (ways === 0)
    throw new AppError(
      "conflict",
      "No way in is known in this scope, so there is nothing to decide. Read the hosts first, or choose more.",
    );
  if (ways > mostItems)
    throw new AppError(
      "conflict",
      `${ways} ways are in this scope; at most ${mostItems} can be decided in one review. Take fewer hosts or accounts.`,
    );
}

/**
 * Writes a frozen campaign down.
 *
 * @param names of its reviewers, by id
 */
export async function writeReview(
  db: Transaction,
  { review, hosts, items, reviewersOf }: FrozenCampaign,
  names: ReadonlyMap<string, string>,
): Promise<void> {
  const reviewId = review.id;
  await db.accessReview.create({ data: review });
  await db.accessReviewHost.createMany({ data: hosts.map((host) => ({ reviewId, ...host })) });
  await db.accessReviewer.createMany({
    data: [...reviewersOf].flatMap(([hostId, personIds]) =>
      personIds.map((personId) => ({ reviewId, hostId, personId, personName: names.get(personId) ?? "" })),
    ),
  });
  await writeItems(db, reviewId, items);
}
