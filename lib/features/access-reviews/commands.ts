import { randomUUID } from "node:crypto";
import type { Transaction } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { AppError } from "@/lib/errors";
import { decideAllFitting, decideSeen, rangesOf } from "@/lib/features/access-reviews/decide";
import { evidenceHash, hashOf, outcomeOf, snapshotOf } from "@/lib/features/access-reviews/evidence";
import { readEvidence } from "@/lib/features/access-reviews/evidence-file";
import {
  CloseReviewInput,
  DecideAllInput,
  DecideInput,
  EvidenceInput,
  mostItems,
  OpenReviewInput,
  SetReviewersInput,
} from "@/lib/features/access-reviews/schema";
import { regexOf } from "@/lib/features/access-reviews/scope";
import { countScope, takeSnapshot, writeItems } from "@/lib/features/access-reviews/snapshot";
import type { AccessReview } from "@/lib/generated/prisma/client";
import { can } from "@/lib/policy/permissions";
import { type CommandContext, command } from "@/lib/usecase";

/** Opens a campaign: freezes every way in of its scope, and names who decides. */
export const openReview = command({
  name: "review.open",
  permission: "review:manage",
  stepUp: true,
  input: OpenReviewInput,
  async run({ name, scope, accounts, reviewerIds, hostReviewers, dueAt }, { db, actor, now, record }) {
    record({ detail: { name, scope, accounts } });
    if (new Date(dueAt) <= now)
      throw new AppError("invalid", "dueAt: choose a moment that is still to come.", {
        fields: { dueAt: "Choose a moment that is still to come." },
      });
    const accountsRegex = regexOf(accounts);
    const inScope = await countScope(db, scope, accountsRegex, now);
    if (inScope.length === 0) throw new AppError("conflict", "No host is in this scope. Choose another one.");
    const ways = inScope.reduce((sum, host) => sum + host.ways, 0);
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
    const ids = new Set(inScope.map(({ hostId }) => hostId));
    const foreign = hostReviewers.find(({ hostId }) => !ids.has(hostId));
    if (foreign) throw new AppError("conflict", "A host with reviewers of its own is not in the scope.");
    const names = await namesOfReviewers(db, [
      ...reviewerIds,
      ...hostReviewers.flatMap((host) => host.reviewerIds),
    ]);
    const { hosts, items } = await takeSnapshot(db, inScope, accountsRegex);
    const frozen = {
      id: randomUUID(),
      name,
      scope,
      accounts,
      openedAt: now,
      openedById: actor.personId,
      openedByName: actor.name,
    };
    const snapshotSha256 = hashOf(snapshotOf(frozen, hosts, items));
    const reviewId = frozen.id;
    await db.accessReview.create({
      data: { ...frozen, accountsRegex, dueAt: new Date(dueAt), itemCount: items.length, snapshotSha256 },
    });
    await db.accessReviewHost.createMany({ data: hosts.map((host) => ({ reviewId, ...host })) });
    const own = new Map(hostReviewers.map((host) => [host.hostId, host.reviewerIds]));
    await db.accessReviewer.createMany({
      data: hosts.flatMap(({ hostId }) =>
        [...new Set(own.get(hostId) ?? reviewerIds)].map((personId) => ({
          reviewId,
          hostId,
          personId,
          personName: names.get(personId) ?? "",
        })),
      ),
    });
    await writeItems(db, reviewId, items);
    record({
      target: { type: "review", id: reviewId, name },
      detail: {
        hosts: hosts.length,
        ways: items.length,
        dueAt,
        reviewers: [...names.values()],
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
  async run({ reviewId, reason }, context) {
    const { db, actor, now, record } = context;
    const review = await holdOpenReview(context, reviewId, { toClose: true });
    const items = await db.accessReviewItem.findMany({ where: { reviewId }, orderBy: { number: "asc" } });
    const undecided = items.filter(({ decision }) => decision === null).length;
    record({ detail: { undecided, ...(reason && { reason }) } });
    if (undecided > 0 && reason === "")
      throw new AppError(
        "conflict",
        `${undecided === 1 ? "1 way is" : `${undecided} ways are`} undecided. Have them decided, or say why the review ends without.`,
        { fields: { reason: "Say why the review ends with undecided ways." } },
      );
    const [hosts, reviewers] = await Promise.all([
      db.accessReviewHost.findMany({ where: { reviewId } }),
      db.accessReviewer.findMany({ where: { reviewId } }),
    ]);
    if (hashOf(snapshotOf(review, hosts, items)) !== review.snapshotSha256)
      throw new AppError("conflict", alteredWords(review.name));
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
  async run({ reviewId, format }, { db, now, record }) {
    const evidence = await readEvidence(db, reviewId, now);
    if (!evidence) throw new AppError("not_found", "There is no such review.");
    const { review, document } = evidence;
    record({ target: { type: "review", id: review.id, name: review.name }, detail: { format } });
    if (
      hashOf(document.snapshot) !== review.snapshotSha256 ||
      (review.evidenceSha256 !== null && document.evidenceSha256 !== review.evidenceSha256)
    )
      throw new AppError("conflict", alteredWords(review.name));
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
