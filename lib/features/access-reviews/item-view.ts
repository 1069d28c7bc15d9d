import { z } from "zod";
import { fixOf } from "@/lib/features/access-reviews/fix";
import type { ReviewItemView, RevocationView } from "@/lib/features/access-reviews/views";
import type { AccessReviewItem, AccessRevocation } from "@/lib/generated/prisma/client";

/** Of AccessReviewItem.view what is shown of it (AccessPathView of lib/features/access/views.ts). */
const StoredView = z.object({
  why: z.array(z.object({ text: z.string(), source: z.string().nullable() })).default([]),
  dependsOn: z.array(z.string()).default([]),
  steps: z.array(z.object({ key: z.object({ kind: z.string() }).nullable() })).default([]),
});

/** The columns of a revocation, joined to its item: all null when there is none. */
export type ItemRecord = AccessReviewItem & {
  isMine: boolean;
  revocation: AccessRevocation | null;
  /** The host was removed from Gatehouse since. */
  isHostGone: boolean;
};

/** One frozen way with what was decided, as pages show it. */
export function itemView(item: ItemRecord): ReviewItemView {
  const { why, dependsOn, steps } = StoredView.safeParse(item.view).data ?? StoredView.parse({});
  const decision = item.decision === "confirm" || item.decision === "revoke" ? item.decision : null;
  const revocation = item.revocation && revocationView(item.revocation, item.isHostGone);
  return {
    number: item.number,
    version: item.version,
    hostId: item.hostId,
    hostName: item.hostName,
    account: item.account,
    uid: item.uid,
    fingerprint: item.fingerprints[0] ?? null,
    keyType: item.keyType,
    comment: item.comment,
    methods: item.methods,
    factors: item.factors,
    isCertain: item.isCertain,
    from: item.from,
    forcedCommand: item.forcedCommand,
    limits: item.limits,
    lastUsedAt: item.lastUsedAt?.toISOString() ?? null,
    firstSeenAt: item.firstSeenAt.toISOString(),
    personId: item.personId,
    personName: item.personName,
    why,
    dependsOn,
    decision,
    reason: item.reason,
    decidedByName: item.decidedByName,
    decidedAt: item.decidedAt?.toISOString() ?? null,
    isMine: item.isMine,
    isOwnDecision: item.decidedById !== null && item.decidedById === item.personId,
    revocation,
    fix:
      revocation && revocation.state !== "gone" && !item.isHostGone
        ? fixOf({
            hostId: item.hostId,
            account: item.account,
            keySources: item.keySources,
            methods: item.methods,
            keyKinds: steps.flatMap(({ key }) => (key ? [key.kind] : [])),
            why,
          })
        : null,
  };
}

/** Where a revoked way stands. What no reading has shown since it was revoked is not said. */
function revocationView(row: AccessRevocation, isHostGone: boolean): RevocationView {
  const { revokedAt, thereAt, goneAt, backAt, isChanged, doubt } = row;
  const rest = { isChanged, backAt: backAt?.toISOString() ?? null, doubt };
  if (goneAt) return { ...rest, state: "gone", at: goneAt.toISOString() };
  if (isHostGone)
    return {
      ...rest,
      state: "doubt",
      at: thereAt?.toISOString() ?? null,
      doubt: "The host was removed from Gatehouse: nobody looks any more.",
    };
  if (doubt !== null) return { ...rest, state: "doubt", at: thereAt?.toISOString() ?? null };
  if (thereAt && thereAt > revokedAt) return { ...rest, state: "there", at: thereAt.toISOString() };
  return { ...rest, state: "waiting", at: thereAt?.toISOString() ?? null };
}
