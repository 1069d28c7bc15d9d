"use client";

import { useEffect, useState } from "react";
import { clockTime } from "./time-words";

/**
 * Seconds until a moment, counted by a clock that runs evenly, whatever the browser's wall clock says.
 *
 * @param at ISO 8601, by the server's clock
 * @param serverNow the server's clock when it wrote `at` down, ISO 8601
 * @returns never below zero; the value at `serverNow` until the browser runs
 */
export function useSecondsUntil(at: string, serverNow: string): number {
  const total = Math.max(0, (Date.parse(at) - Date.parse(serverNow)) / 1000);
  const [left, setLeft] = useState(total);
  useEffect(() => {
    const begin = performance.now();
    const tick = () => setLeft(Math.max(0, total - (performance.now() - begin) / 1000));
    tick();
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [total]);
  return left;
}

/** "0:47". For the eye only: say the deadline in words beside it, a reader must not hear every second. */
export function Countdown({
  at,
  serverNow,
  className,
}: {
  at: string;
  serverNow: string;
  className?: string;
}) {
  const left = useSecondsUntil(at, serverNow);
  return (
    <span role="timer" aria-live="off" className={className}>
      {clockTime(left)}
    </span>
  );
}
