import { createHash } from "node:crypto";
import { canonicalJson } from "@/lib/db/activity-chain";
import type {
  AccessReview,
  AccessReviewer,
  AccessReviewHost,
  AccessReviewItem,
} from "@/lib/generated/prisma/client";

/** The first member of an evidence file. Another shape gets another number. */
export const evidenceFormat = "gatehouse-access-review-1";

/** What opens a campaign, beside its hosts and ways. */
export type FrozenReview = Pick<
  AccessReview,
  "id" | "name" | "scope" | "accounts" | "openedAt" | "openedById" | "openedByName"
>;
export type FrozenHost = Omit<AccessReviewHost, "reviewId">;
export type FrozenItem = Omit<
  AccessReviewItem,
  "reviewId" | "decision" | "reason" | "decidedById" | "decidedByName" | "decidedAt" | "version"
>;

/** What a campaign froze, as plain JSON in a fixed order. */
export function snapshotOf(review: FrozenReview, hosts: readonly FrozenHost[], items: readonly FrozenItem[]) {
  return {
    id: review.id,
    name: review.name,
    scope: review.scope,
    accounts: review.accounts,
    openedAt: review.openedAt.toISOString(),
    openedById: review.openedById,
    openedByName: review.openedByName,
    hosts: [...hosts]
      .sort((a, b) => (a.hostId < b.hostId ? -1 : 1))
      .map(({ hostId, hostName, readAt, gap, ways }) => ({
        hostId,
        hostName,
        readAt: isoOf(readAt),
        gap,
        ways,
      })),
    items: [...items].sort((a, b) => a.number - b.number).map(frozenPart),
  };
}

function frozenPart(item: FrozenItem) {
  return {
    number: item.number,
    hostId: item.hostId,
    hostName: item.hostName,
    pathId: item.pathId,
    account: item.account,
    uid: item.uid,
    subject: item.subject,
    fingerprints: item.fingerprints,
    keySources: item.keySources,
    keyType: item.keyType,
    comment: item.comment,
    methods: item.methods,
    factors: item.factors,
    isCertain: item.isCertain,
    from: item.from,
    forcedCommand: item.forcedCommand,
    limits: item.limits,
    lastUsedAt: isoOf(item.lastUsedAt),
    firstSeenAt: item.firstSeenAt.toISOString(),
    personId: item.personId,
    personName: item.personName,
    view: item.view,
  };
}

/** How a campaign ended, or stands: who decides, who decided what and when. */
export function outcomeOf(
  review: Pick<AccessReview, "dueAt" | "closedAt" | "closedById" | "closedByName" | "closeReason">,
  reviewers: readonly Omit<AccessReviewer, "reviewId">[],
  items: readonly Omit<AccessReviewItem, "view">[],
) {
  return {
    dueAt: review.dueAt.toISOString(),
    closedAt: isoOf(review.closedAt),
    closedById: review.closedById,
    closedByName: review.closedByName,
    closeReason: review.closeReason,
    reviewers: [...reviewers]
      .sort((a, b) => (`${a.hostId} ${a.personId}` < `${b.hostId} ${b.personId}` ? -1 : 1))
      .map(({ hostId, personId, personName }) => ({ hostId, personId, personName })),
    decisions: [...items]
      .sort((a, b) => a.number - b.number)
      .map(({ number, decision, reason, decidedById, decidedByName, decidedAt, personId }) => ({
        number,
        decision,
        reason,
        decidedById,
        decidedByName,
        decidedAt: isoOf(decidedAt),
        // Said, not forbidden: where one person administers everything, nobody else could decide.
        isOwnWay: decidedById !== null && decidedById === personId,
      })),
  };
}

/** SHA-256 (hex) of plain JSON, whatever the order of its names. */
export function hashOf(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

/** SHA-256 (hex) that stands for a whole campaign: what was frozen, by its hash, and the outcome. */
export function evidenceHash(snapshotSha256: string, outcome: unknown): string {
  return hashOf({ snapshotSha256, outcome });
}

const isoOf = (moment: Date | null) => moment?.toISOString() ?? null;
