import { appendActivity } from "@/lib/db/activity";
import type { Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { applyPlanned } from "@/lib/features/changes/commands";
import { lastEndOn, onlyAdds } from "@/lib/features/changes/judge-again";
import { moveTo } from "@/lib/features/changes/progress";
import { readPlan } from "@/lib/features/changes/stored";
import type { Part } from "@/lib/features/key-fleet/drive";
import { setPart } from "@/lib/features/key-fleet/part";
import type { Change } from "@/lib/generated/prisma/client";
import { enqueue } from "@/lib/jobs/enqueue";
import { can } from "@/lib/policy/permissions";

/**
 * Applies the next planned change of a confirmed part, in the name of who confirmed it and with every check of a single one.
 *
 * A loss beyond what was confirmed is asked for, never taken for granted; a plan that is older than the last thing that
 * happened on the host is made anew first.
 */
export async function applyNext(
  db: Transaction,
  part: Part,
  plans: readonly Change[],
  at: Date,
): Promise<void> {
  const [change] = plans;
  if (!change) return;
  const plan = readPlan(change.plan);
  const lastEnd = onlyAdds(change) ? null : await lastEndOn(db, part.hostId);
  const isOld = (readAt: Date) => readAt <= part.readAfter || (lastEnd !== null && readAt <= lastEnd);
  if (!plan || isOld(new Date(plan.readAt))) {
    await moveTo(db, change, "planning", { kind: "planning", text: "The host is asked again." });
    await enqueue(db, "change.plan", { changeId: change.id });
    return setPart(db, part, "planning", at);
  }
  const { access } = plan;
  if (!access || access.obstacle !== null)
    return setPart(db, part, "refused", at, {
      reason: `Nobody can tell who would lose a way in. ${access?.obstacle ?? ""}`.trim(),
    });
  const unconfirmed = access.shutOut.accounts.filter((name) => !part.confirmedShutOut.includes(name));
  if (unconfirmed.length > 0 || access.shutOut.total > access.shutOut.accounts.length)
    return setPart(db, part, "asks", at, {
      reason: `Nobody could log in any more as ${unconfirmed.join(", ")}. Nobody has confirmed that.`,
      shutOut: access.shutOut.accounts,
    });
  const person = await db.person.findUnique({ where: { id: part.batch.confirmedById ?? "" } });
  if (!person || person.disabledAt || !can(person.role, "config:apply"))
    return setPart(db, part, "refused", at, {
      reason: `${person?.name ?? "Whoever confirmed this"} may not apply changes any more. Somebody else has to try it again.`,
    });
  const detail: Record<string, unknown> = { batch: part.batch.title, batchId: part.batchId };
  try {
    await applyPlanned(
      {
        changeId: change.id,
        keepBy: "login",
        ...(access.shutOut.total > 0 && { override: { hostName: part.host.name } }),
      },
      {
        db,
        now: at,
        actor: { personId: person.id, name: person.name, role: person.role },
        record: (entry) => Object.assign(detail, entry.detail),
      },
    );
  } catch (error) {
    if (error instanceof AppError) return setPart(db, part, "refused", at, { reason: error.message });
    throw error;
  }
  await setPart(db, part, "applying", at);
  await appendActivity(db, {
    at,
    actor: { id: person.id, name: person.name },
    address: "",
    action: "change.apply",
    outcome: "intent",
    target: { type: "change", id: change.id, name: `${part.host.name} ${change.path}` },
    detail,
  });
}
