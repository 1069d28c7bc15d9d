import type { HostFacts } from "@/lib/access/facts";
import { compareStandings, standingOf } from "@/lib/access/judge-draft";
import { factsWithKeyFile } from "@/lib/access/key-file-draft";
import { factsWithPam } from "@/lib/access/pam-draft";
import type { Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { judgeAccess, judgeReading } from "@/lib/features/changes/access-of-plan";
import { isModeRepair, KeyEdits } from "@/lib/features/changes/key-edits";
import type { ChangeWithHost } from "@/lib/features/changes/refusals";
import { factsOfKeys, newestTexts } from "@/lib/features/changes/rules-of-plan";
import type { ChangePlanView, PlanAccessView } from "@/lib/features/changes/views";
import { listKeyOwners } from "@/lib/features/people/key-owners";
import type { Change, Prisma } from "@/lib/generated/prisma/client";
import { decodeText } from "@/lib/text";

// Between the plan and the act something else may have happened to the host: two changes that are harmless each may take an
// account's last way in together.

/** Does the change take no line and no mode away? What only comes shuts nobody out, whatever else has happened. */
export function onlyAdds({ kind, keyEdits }: Pick<Change, "kind" | "keyEdits">): boolean {
  return kind === "keys" && KeyEdits.parse(keyEdits).every((edit) => ["add", "back"].includes(edit.kind));
}

/** What is only added shuts nobody out; of keys that go or change, it must be known who loses by it. */
export function takesAwayUnseen(
  change: Pick<Change, "kind" | "keyEdits">,
  access: PlanAccessView | null,
): boolean {
  if (change.kind !== "keys" || onlyAdds(change)) return false;
  return access === null || access.obstacle !== null || access.isStale || access.doubtful.total > 0;
}

/** When the last change ended that was in force on the host, kept or undone; null when none ever was. */
export async function lastEndOn(
  db: Transaction,
  hostId: string,
  where: Prisma.ChangeWhereInput = {},
): Promise<Date | null> {
  const { _max } = await db.change.aggregate({
    where: { ...where, hostId, state: { in: ["confirmed", "rolled_back"] } },
    _max: { endedAt: true },
  });
  return _max.endedAt;
}

/** Refuses a plan that was made before another change of the host had ended. @throws AppError `conflict` */
export async function refuseOldPlan(
  db: Transaction,
  change: ChangeWithHost,
  plan: ChangePlanView,
): Promise<void> {
  if (onlyAdds(change)) return;
  const lastEnd = await lastEndOn(db, change.hostId);
  if (lastEnd && new Date(plan.readAt) <= lastEnd)
    throw new AppError(
      "conflict",
      `Another change of ${change.host.name} has ended since this plan was made. Ask the host again, and look at the plan as it is now.`,
    );
}

/**
 * Who gains and who loses by a planned change, by what is known at this moment: the last reading, and what changes have done
 * to the host since it was begun.
 *
 * @returns undefined for what is not judged again: what only adds keys, and a second factor, for which the host itself is
 *   looked at again
 */
export async function judgeAgain(
  db: Transaction,
  change: Change,
  at: Date,
): Promise<PlanAccessView | undefined> {
  if (change.kind === "two-factor" || onlyAdds(change)) return undefined;
  const { hostId, path } = change;
  const reading = await db.accessReading.findUnique({ where: { hostId } });
  const [people, files] = [await listKeyOwners(db), await newestTexts(db, hostId)];
  const ended = await db.change.findMany({
    where: {
      hostId,
      kind: { in: ["keys", "two-factor"] },
      state: { in: ["confirmed", "rolled_back"] },
      ...(reading?.readAt && { endedAt: { gte: reading.readAt } }),
    },
    orderBy: { endedAt: "asc" },
  });
  const known = (facts: HostFacts) => ended.reduce(factsAfterEnd, facts);
  if (change.kind === "config") {
    const { baseContent: base, content } = change;
    return judgeAccess(reading, { files, path, base, content, people, known }, at);
  }
  const options = { texts: files, people, now: Math.floor(at.getTime() / 1000) };
  return judgeReading(
    reading,
    (facts) => {
      const before = standingOf(known(facts), options);
      if (before.server.refused !== undefined) return { side: "before", refused: before.server.refused };
      return compareStandings(before, standingOf(factsWithKeys(known(facts), change), options));
    },
    at,
    path,
  );
}

/** Facts that were read before a change ended, as they are since it has: with what was kept, without what was undone. */
function factsAfterEnd(facts: HostFacts, change: Change): HostFacts {
  const isKept = change.state === "confirmed";
  if (change.kind === "keys")
    return isKept ? factsWithKeys(facts, change) : factsOfKeys(facts, change, change.baseContent);
  const pam = isKept ? change.pamContent : change.pamBaseContent;
  return pam === null ? facts : factsWithPam(facts, pam);
}

/** With the key file, or the modes, that a change makes. */
function factsWithKeys(facts: HostFacts, change: Change): HostFacts {
  const { account, path, keyBytes } = change;
  if (isModeRepair(KeyEdits.parse(change.keyEdits))) return factsOfKeys(facts, change, change.content);
  return factsWithKeyFile(facts, {
    account: account ?? "",
    path,
    text: decodeText(keyBytes ?? new Uint8Array()),
  });
}

/** Refuses a loss that the plan, as people saw it, does not tell. @throws AppError `conflict` */
export function refuseUntoldLoss(
  { host }: ChangeWithHost,
  plan: ChangePlanView,
  now: PlanAccessView | undefined,
): void {
  if (!now) return;
  const told = plan.access?.shutOut ?? { total: 0, accounts: [] };
  const untold = now.shutOut.accounts.filter((name) => !told.accounts.includes(name));
  if (untold.length === 0 && now.shutOut.total <= told.total) return;
  throw new AppError(
    "conflict",
    `Refused: who can log in on ${host.name} is not as it was when this plan was made, and with this change nobody could log in any more as ${untold.slice(0, 3).join(", ")}${untold.length > 3 ? ` and ${untold.length - 3} more` : ""}. Ask the host again, and look at the plan as it is now.`,
  );
}
