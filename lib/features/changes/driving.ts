import { AgentError } from "@/lib/agent/errors";
import type { ChangeState } from "@/lib/change/machine";
import { timing } from "@/lib/change/timing";
import { now } from "@/lib/clock";
import { prisma } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { addStep, moveTo, type Step, storableText } from "@/lib/features/changes/progress";
import type { Change, Prisma } from "@/lib/generated/prisma/client";
import { SshError } from "@/lib/ssh/errors";

/** What one driver remembers between steps: only for its pace, never for what is true. */
export interface Drive {
  readonly changeId: string;
  readonly signal: AbortSignal;
  /** Failures in a row of what is being tried. */
  tries: number;
  /** Our login was refused: every further one feeds the host's penalties, and proves nothing. */
  lockedOut: boolean;
}

/** When to look at the change again. */
export interface Next {
  readonly waitSeconds: number;
}

export const again: Next = { waitSeconds: 0 };

/** Seconds from now by our clock; negative when it is past, very negative when it was never set. */
export function secondsUntil(at: Date | null): number {
  return at ? (at.getTime() - now().getTime()) / 1000 : Number.NEGATIVE_INFINITY;
}

/** Moves on in a transaction of its own; whoever else moved it first, the loop looks again. */
export async function move(
  change: Change,
  to: ChangeState,
  step: Step,
  data?: Prisma.ChangeUpdateManyMutationInput,
): Promise<boolean> {
  return prisma().$transaction((db) => moveTo(db, change, to, step, data));
}

/** Says in the timeline why something failed: each text once a change, however often and by whomever it is tried. */
export async function note(change: Change, step: Step): Promise<void> {
  await prisma().$transaction(async (db) => {
    const said = await db.changeStep.findFirst({
      where: { changeId: change.id, text: storableText(step.text) },
      select: { id: true },
    });
    if (!said) await addStep(db, change, step);
  });
}

/** Whether sshd itself turned our login away (or the penalty for such logins did). */
export function isShutOut(error: unknown): boolean {
  return (
    error instanceof SshError &&
    (error.failure === "authentication-refused" || error.failure === "cut-before-banner")
  );
}

/**
 * The failure in words for people.
 *
 * @throws the error itself when it is none of SSH, the agent or ours: a bug must be seen
 */
export function reasonOf(error: unknown): string {
  if (error instanceof SshError || error instanceof AgentError || error instanceof AppError)
    return error.message;
  throw error;
}

/** A host that does not answer is asked less and less often: soon around its deadline, then once a minute, for ever. */
export function patience(change: Change): Next {
  const overdue = -secondsUntil(change.rollbackAt ?? change.sentAt);
  if (overdue < 120) return { waitSeconds: timing.reconcileSeconds };
  return { waitSeconds: overdue < 1200 ? 20 : 60 };
}
