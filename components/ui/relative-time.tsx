"use client";

import { useEffect, useState } from "react";
import { exactTime, relativeTime } from "./time-words";

interface Props {
  /** ISO 8601. */
  at: string;
  className?: string;
}

/**
 * A moment as people say it, the exact one on hover.
 *
 * The server writes the exact time in UTC; the browser, whose clock and zone the person lives in, says it in words
 * once it runs. So both agree on the first paint.
 */
export function RelativeTime({ at, className }: Props) {
  const [now, setNow] = useState<number | null>(null);
  useEffect(() => {
    const tick = () => setNow(Date.now());
    tick();
    const young = Math.abs(Date.now() - Date.parse(at)) < 120_000;
    const timer = setInterval(tick, young ? 5_000 : 30_000);
    return () => clearInterval(timer);
  }, [at]);
  return (
    <time dateTime={at} title={now === null ? undefined : exactTime(at)} className={className}>
      {now === null ? `${at.slice(0, 10)} ${at.slice(11, 16)} UTC` : relativeTime(at, now)}
    </time>
  );
}
