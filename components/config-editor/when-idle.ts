/** Work that waits for a free moment is done at the latest after this long. */
const patienceMilliseconds = 400;

/**
 * Runs something as soon as the browser has nothing better to do, so that it never stands between a key and its letter.
 *
 * @returns takes it back, as long as it has not run
 */
export function whenIdle(run: () => void): () => void {
  // Safari has no such call.
  if (typeof requestIdleCallback === "undefined") {
    const timer = setTimeout(run);
    return () => clearTimeout(timer);
  }
  const idle = requestIdleCallback(run, { timeout: patienceMilliseconds });
  return () => cancelIdleCallback(idle);
}
