import { type ChangeState, pendingStates } from "@/lib/change/machine";
import type { ActivityTarget } from "@/lib/db/activity";
import type { Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";

/** The host as the activity names it. */
export function targetOf(host: { id: string; name: string }): ActivityTarget {
  return { type: "host", id: host.id, name: host.name };
}

/**
 * Refuses while the host may hold a change that is neither kept nor rolled back.
 *
 * @param states that stand in the way
 * @throws AppError `conflict`
 */
export async function refusePendingChange(
  db: Transaction,
  hostId: string,
  states: readonly ChangeState[] = pendingStates,
): Promise<void> {
  const pending = await db.change.findFirst({
    where: { hostId, state: { in: [...states] } },
    select: { id: true },
  });
  if (pending)
    throw new AppError(
      "conflict",
      "A change is under way on this host. Wait until it is kept or rolled back.",
    );
}

/** Why nothing may be sent to the host now, for people; null when it may. */
export function obstacleOf(host: { name: string; state: string }): string | null {
  if (host.state === "key_changed")
    return `${host.name} shows another host key than the pinned one. Nothing is sent until somebody has compared and re-pinned it.`;
  if (host.state === "enrolling") return `${host.name} is not enrolled yet.`;
  if (host.state === "archived") return `${host.name} is archived. Take it out of the archive first.`;
  return null;
}
