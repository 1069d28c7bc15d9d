"use client";

import { exactTime, relativeTime } from "./time-words";
import { useNow } from "./use-now";

interface Props {
  /** ISO 8601. */
  at: string;
  className?: string;
}

/**
 * A moment as people say it, the exact one on hover.
 *
 * The server writes it in UTC; the browser, whose clock and zone the person lives in, says it in words once it
 * runs. So both agree on the first paint.
 */
export function RelativeTime({ at, className }: Props) {
  const running = useNow(30_000) !== 0;
  return (
    <time dateTime={at} title={running ? exactTime(at) : undefined} className={className}>
      {running ? relativeTime(at, Date.now()) : `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`}
    </time>
  );
}
