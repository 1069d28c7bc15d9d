import { type ChangeState, isEnded, isPending } from "@/lib/change/machine";
import { sleep } from "@/lib/clock";
import { prisma } from "@/lib/db/client";
import { askTruth } from "@/lib/features/changes/ask-truth";
import { type Drive, type Next, secondsUntil } from "@/lib/features/changes/driving";
import { type Pause, takeLease } from "@/lib/features/changes/lease";
import { confirm, prove } from "@/lib/features/changes/prove";
import { send } from "@/lib/features/changes/send";
import { undo } from "@/lib/features/changes/undo";
import { lookForLogin, waitsForLogin } from "@/lib/features/changes/witness";
import type { Change } from "@/lib/generated/prisma/client";

/** Waits up to this long are spent here; for longer ones the job ends, and another wakes up. */
const patienceSeconds = 12;

/**
 * Drives one change until it has ended, or until nothing can be done for a while.
 *
 * It may be killed anywhere and begun again by anybody: what is done next follows from the row and from what the host
 * says, never from what this process remembers. At most one driver works at a time (lease.ts).
 */
export async function driveChange(changeId: string, signal: AbortSignal): Promise<void> {
  const lease = await takeLease(changeId);
  if (!lease) return;
  let pause: Pause = { state: "", seconds: 0 }; // Until we know better: what throws is tried again by somebody else.
  try {
    pause = await run({ changeId, signal, tries: 0, lockedOut: false });
  } finally {
    await lease.release(pause);
  }
}

async function run(drive: Drive): Promise<Pause> {
  for (;;) {
    const change = await prisma().change.findUnique({ where: { id: drive.changeId } });
    if (!change || isEnded(change.state as ChangeState)) return "ended";
    // Planned: whoever applies it wakes a driver up, and must not find that we have called him off.
    if (!isPending(change.state as ChangeState)) return "idle";
    const { state } = change;
    const { waitSeconds: seconds } = await takeStep(change, drive);
    if (drive.signal.aborted) return { state, seconds: 0 };
    if (seconds > patienceOf(state)) return { state, seconds };
    if (seconds > 0) await sleep(seconds, drive.signal);
  }
}

/** A person's word must not wait for a driver that sleeps: while one is awaited, nobody holds the lease. */
const patienceOf = (state: string) => (state === "awaiting_person" ? 0 : patienceSeconds);

async function takeStep(change: Change, drive: Drive): Promise<Next> {
  switch (change.state as ChangeState) {
    case "applying":
      return send(change, drive);
    case "proving":
      return prove(change, drive);
    case "awaiting_person":
      if (waitsForLogin(change)) return lookForLogin(change, drive);
      // Nothing to do but wait for the person; at the deadline the host decides.
      return secondsUntil(change.rollbackAt) > -1
        ? { waitSeconds: secondsUntil(change.rollbackAt) + 2 }
        : askTruth(change, drive);
    case "confirming":
      return confirm(change, drive);
    case "rolling_back":
      return undo(change, drive);
    default:
      return askTruth(change, drive);
  }
}
