/** The moment now, by this machine's clock. The only reader of the clock outside pure code, which takes time as a parameter. */
export function now(): Date {
  return new Date();
}

/** Seconds since an arbitrary start that never goes back: for durations and deadlines of our own process. */
export function monotonicSeconds(): number {
  return performance.now() / 1000;
}

/**
 * Resolves after `seconds`, or as soon as `signal` is aborted; it never rejects. Does not keep the process alive.
 */
export function sleep(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, seconds * 1000);
    timer.unref();
    signal?.addEventListener("abort", finish);
  });
}
