import { isStale } from "@/lib/features/access/freshness";

/** What is known of a host's last reading, as in AccessReading. */
export interface ReadingState {
  readAt: Date | null;
  failedAt: Date | null;
  failure: string | null;
  isConsistent: boolean;
  refused: string | null;
  notDerived: string | null;
  pathsLeftOut: number;
  cuts: number;
  modelVersion: number;
}

/** Why the ways that are known of a host may not be all of them, one sentence; null: they are, as far as was read. */
export function gapOf(reading: ReadingState | null, now: Date): string | null {
  const blind = blindnessOf(reading);
  if (blind || !reading) return blind;
  if (isStale(reading, now))
    return reading.failure
      ? "The last reading did not succeed; this is from the one before."
      : "The last reading is old.";
  return null;
}

/**
 * Why a way that is not among the known ones may be there all the same; null: a reading shows that it is not.
 *
 * An old reading is none of these: what it shows was so when it was made.
 */
export function blindnessOf(reading: ReadingState | null): string | null {
  if (!reading?.readAt) return "The host was never read.";
  if (reading.refused !== null)
    return "sshd refuses its own configuration: by which settings it runs is not known.";
  if (reading.notDerived !== null || reading.modelVersion === 0)
    return "The ways in could not be told from what was read.";
  if (reading.pathsLeftOut > 0)
    return `The host has more ways in than are kept: ${reading.pathsLeftOut} are left out.`;
  if (reading.cuts > 0) return "Not everything was read on the host; its page Access says what.";
  if (!reading.isConsistent) return "Something moved on the host while it was read. Read it again.";
  return null;
}
