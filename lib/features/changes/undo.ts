import { AgentError } from "@/lib/agent/errors";
import { timing } from "@/lib/change/timing";
import { askTruth } from "@/lib/features/changes/ask-truth";
import {
  type Drive,
  isShutOut,
  type Next,
  note,
  patience,
  reasonOf,
  secondsUntil,
} from "@/lib/features/changes/driving";
import { withManagedHost } from "@/lib/features/hosts/reach";
import type { Change } from "@/lib/generated/prisma/client";

/** The host's own roll back needs a moment after its deadline: a reload and its proof. */
const afterDeadlineSeconds = 2;

/** Tells the host to roll back now; where it cannot be told it does so by itself at the deadline. */
export async function undo(change: Change, drive: Drive): Promise<Next> {
  const left = secondsUntil(change.rollbackAt);
  if (left < 0) return askTruth(change, drive);
  if (drive.lockedOut) return { waitSeconds: left + afterDeadlineSeconds };
  try {
    await withManagedHost(change.hostId, (agent) => agent.cancel(change.hostRef), {
      connectSeconds: timing.connectSeconds,
    });
  } catch (error) {
    const reason = reasonOf(error);
    drive.tries++;
    if (error instanceof AgentError && error.code === "not-applied") return askTruth(change, drive);
    await note(change, {
      kind: "failed",
      text: `The host could not be told to roll back, it will do so by itself: ${reason}`,
    });
    if (isShutOut(error)) drive.lockedOut = true;
    return { waitSeconds: Math.min(patience(change).waitSeconds, left + afterDeadlineSeconds) };
  }
  return askTruth(change, drive);
}
