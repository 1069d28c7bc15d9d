import type { Transaction } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { AppError } from "@/lib/errors";
import { decideAllFitting, decideSeen, rangesOf } from "@/lib/features/access-reviews/decide";
import { evidenceHash, hashOf, outcomeOf, snapshotOf } from "@/lib/features/access-reviews/evidence";
import { readEvidence } from "@/lib/features/access-reviews/evidence-file";
import { freezeReview, writeReview } from "@/lib/features/access-reviews/open-review";
import {
  CloseReviewInput,
  DecideAllInput,
  DecideInput,
  EvidenceInput,
  OpenReviewInput,
  SetReviewersInput,
} from "@/lib/features/access-reviews/schema";
import type { AccessReview } from "@/lib/generated/prisma/client";
import { can } from "@/lib/policy/permissions";
import { type CommandContext, command } from "@/lib/usecase";

/** Opens a campaign: freezes every way in of its scope, and names who decides. */
export const openReview = command({
  name: "review.open",
  permission: "review:manage",
  stepUp: true,
  input: OpenReviewInput,
  // Reading and hashing thousands of ways would hold a transaction for long.
  async prepare(input, { db, actor, now, record }) {
    record({ detail: { name: input.name, scope: input.scope, accounts: input.accounts } });
    return freezeReview(db, input, actor, now);
  },
  async run({ dueAt }, { db, prepared: frozen, record }) {
    const reviewers = await namesOfReviewers(db, frozen.reviewerIds);
    await writeReview(db, frozen, reviewers);
    const { review, hosts, items } = frozen;
    const { id: reviewId, name, snapshotSha256 } = review;
    record({
      target: { type: "review", id: reviewId, name },
      detail: {
        hosts: hosts.length,
        ways: items.length,
        dueAt,
        reviewers: [...reviewers.values()],
        snapshotSha256,
      },
    });
    await tellPages(db);
    return { reviewId, ways: items.length, snapshotSha256 };
  },
});

/** Confirms, revokes or takes back, as a reviewer who saw each way as it stands. Nothing is done on any host. */
export const decideItems = command({
  name: "review.decide",
  permission: "review:decide",
  input: DecideInput,
  async run({ reviewId, decision, reason, items }, context) {
    const { db, actor, now, record } = context;
    await holdOpenReview(context, reviewId);
    wantReason(decision, reason);
    const { decided, conflicts } = await decideSeen(db, reviewId, items, { decision, reason, actor, now });
    if (decided.length === 0) throw new AppError("conflict", conflictWords(conflicts));
    record({
      detail: {
        decision,
        ways: rangesOf(decided),
        ...(reason && { reason }),
        ...(conflicts.length > 0 && { leftAlone: rangesOf(conflicts.map(({ number }) => number)) }),
      },
    });
    await tellPages(db);
    return { decided: decided.length, conflicts };
  },
});

/** The same for every undecided way of the reviewer's that fits a filter. */
export const decideAll = command({
  name: "review.decide-all",
  permission: "review:decide",
  input: DecideAllInput,
  async run({ reviewId, decision, reason, filter, expected }, context) {
    const { db, actor, now, record } = context;
    await holdOpenReview(context, reviewId);
    wantReason(decision, reason);
    const verdict = { decision, reason, actor, now };
    const decided = await decideAllFitting(db, reviewId, filter, expected, verdict);
    record({ detail: { decision, ways: rangesOf(decided), ...(reason && { reason }) } });
    await tellPages(db);
    return { decided: decided.length };
  },
});

/** Names others as reviewers, of all hosts or of some; what is decided stays. */
export const setReviewers = command({
  name: "review.set-reviewers",
  permission: "review:manage",
  stepUp: true,
  input: SetReviewersInput,
  async run({ reviewId, hostIds, reviewerIds }, context) {
    const { db, record } = context;
    await holdOpenReview(context, reviewId);
    const names = await namesOfReviewers(db, reviewerIds);
    const hosts = await db.accessReviewHost.findMany({
      where: { reviewId, ...(hostIds.length > 0 && { hostId: { in: hostIds } }) },
      select: { hostId: true, hostName: true },
    });
    if (hosts.length === 0 || (hostIds.length > 0 && hosts.length < new Set(hostIds).size))
      throw new AppError("not_found", "One of these hosts is not in this review.");
    await db.accessReviewer.deleteMany({
      where: { reviewId, hostId: { in: hosts.map(({ hostId }) => hostId) } },
    });
    await db.accessReviewer.createMany({
      data: hosts.flatMap(({ hostId }) =>
        [...names].map(([personId, personName]) => ({ reviewId, hostId, personId, personName })),
      ),
    });
    record({
      detail: {
        hosts: hostIds.length === 0 ? "all" : hosts.map(({ hostName }) => hostName),
        reviewers: [...names.values()],
      },
    });
    await tellPages(db);
  },
});

/** Ends a campaign. From then on nobody can alter it; revoked ways are watched on. */
export const closeReview = command({
  name: "review.close",
  permission: "review:manage",
  stepUp: true,
  input: CloseReviewInput,
  // What was frozen cannot change any more: it is hashed before the decisions are held still.
  async prepare({ reviewId }, { db, record }) {
    const review = await db.accessReview.findUnique({ where: { id: reviewId } });
    if (!review) throw new AppError("not_found", "There is no such review.");
    record({ target: { type: "review", id: review.id, name: review.name } });
    const [hosts, items] = await Promise.all([
      db.accessReviewHost.findMany({ where: { reviewId } }),
      db.accessReviewItem.findMany({ where: { reviewId } }),
    ]);
    if (hashOf(snapshotOf(review, hosts, items)) !== review.snapshotSha256)
      throw new AppError("conflict", alteredWords(review.name));
  },
  async run({ reviewId, reason }, context) {
    const { db, actor, now, record } = context;
    const review = await holdOpenReview(context, reviewId, { toClose: true });
    const [items, reviewers] = [
      await db.accessReviewItem.findMany({ where: { reviewId }, omit: { view: true } }),
      await db.accessReviewer.findMany({ where: { reviewId } }),
    ];
    const undecided = items.filter(({ decision }) => decision === null).length;
    record({ detail: { undecided, ...(reason && { reason }) } });
    if (undecided > 0 && reason === "")
      throw new AppError(
        "conflict",
        `${undecided === 1 ? "1 way is" : `${undecided} ways are`} undecided. Have them decided, or say why the review ends without.`,
        { fields: { reason: "Say why the review ends with undecided ways." } },
      );
    const closing = {
      closedAt: now,
      closedById: actor.personId,
      closedByName: actor.name,
      closeReason: undecided > 0 ? reason : "",
    };
    const outcome = outcomeOf({ ...review, ...closing }, reviewers, items);
    const evidenceSha256 = evidenceHash(review.snapshotSha256, outcome);
    await db.accessReview.update({ where: { id: reviewId }, data: { ...closing, evidenceSha256 } });
    record({ detail: { snapshotSha256: review.snapshotSha256, evidenceSha256 } });
    await tellPages(db);
    return { evidenceSha256 };
  },
});

/** The evidence of a campaign, checked against its hashes before it leaves. */
export const exportEvidence = command({
  name: "review.export",
  permission: "review:export",
  stepUp: true,
  input: EvidenceInput,
  async prepare({ reviewId, format }, { db, now, record }) {
    const evidence = await readEvidence(db, reviewId, now);
    if (!evidence) throw new AppError("not_found", "There is no such review.");
    const { review, document } = evidence;
    record({ target: { type: "review", id: review.id, name: review.name }, detail: { format } });
    if (
      document.snapshotSha256 !== review.snapshotSha256 ||
      (review.evidenceSha256 !== null && document.evidenceSha256 !== review.evidenceSha256)
    )
      throw new AppError("conflict", alteredWords(review.name));
    return document;
  },
  async run({ format }, { prepared: document, record }) {
    record({ detail: { evidenceSha256: document.evidenceSha256 } });
    return { document, format };
  },
});

const alteredWords = (name: string) =>
  `The rows of "${name}" in the database are not what was frozen or noted, so they are no evidence. The activity holds the hashes of then; compare with a backup.`;

/** The campaign, named in the activity, when it is open. Decisions wait for whoever closes it, and he for them. */
async function holdOpenReview(
  { db, record }: Pick<CommandContext, "db" | "record">,
  reviewId: string,
  { toClose = false } = {},
): Promise<AccessReview> {
  if (toClose) await db.$queryRaw`SELECT 1 FROM "AccessReview" WHERE id = ${reviewId}::uuid FOR UPDATE`;
  else await db.$queryRaw`SELECT 1 FROM "AccessReview" WHERE id = ${reviewId}::uuid FOR SHARE`;
  const review = await db.accessReview.findUnique({ where: { id: reviewId } });
  if (!review) throw new AppError("not_found", "There is no such review.");
  record({ target: { type: "review", id: review.id, name: review.name } });
  if (review.closedAt)
    throw new AppError(
      "conflict",
      `${review.closedByName} closed this review; nothing in it changes any more.`,
    );
  return review;
}

function wantReason(decision: string, reason: string): void {
  if (decision !== "revoke" || reason !== "") return;
  const words = "Say why this way is revoked: whoever removes it will read it.";
  throw new AppError("invalid", `reason: ${words}`, { fields: { reason: words } });
}

function conflictWords(conflicts: readonly { decidedByName: string | null; decision: string | null }[]) {
  const [first] = conflicts;
  const who = first?.decidedByName ? ` (${first.decidedByName}: ${first.decision})` : "";
  return conflicts.length === 1
    ? `This way was decided anew meanwhile${who}. Nothing was overwritten; look again.`
    : `All ${conflicts.length} ways were decided anew meanwhile${who}. Nothing was overwritten; look again.`;
}

/** Names by id. @throws AppError `conflict` for somebody who cannot be a reviewer */
async function namesOfReviewers(db: Transaction, ids: readonly string[]): Promise<Map<string, string>> {
  const wanted = [...new Set(ids)];
  const people = await db.person.findMany({
    where: { id: { in: wanted }, disabledAt: null },
    select: { id: true, name: true, role: true },
  });
  const able = people.filter(({ role }) => can(role, "review:decide"));
  if (able.length < wanted.length)
    throw new AppError(
      "conflict",
      "Somebody of these cannot decide: reviewers are owners, admins and operators who are not disabled.",
    );
  return new Map(able.map(({ id, name }) => [id, name]));
}

function tellPages(db: Transaction): Promise<void> {
  return appendEvent(db, { topic: "reviews", kind: "review", data: {} });
}
