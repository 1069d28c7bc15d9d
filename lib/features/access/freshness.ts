/** A host is read again after this long, though nothing has happened that we know of. */
export const sweepHours = 24;
/** A host that could not be read is tried again after this long. */
export const retryHours = 1;
/** Older facts are marked as stale: a sweep with room for hosts that did not answer at once. */
export const staleHours = 30;

/** Whether people should be told that what they see may no longer be so. */
export function isStale(
  { readAt, failedAt }: { readAt: Date | null; failedAt: Date | null },
  now: Date,
): boolean {
  if (!readAt) return true;
  if (failedAt && failedAt > readAt) return true;
  return now.getTime() - readAt.getTime() > staleHours * 3_600_000;
}
