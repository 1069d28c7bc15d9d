"use client";

import { useSyncExternalStore } from "react";

const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
const tickMilliseconds = 5_000;

/** One clock for the page, however many times it shows. */
function watch(onChange: () => void): () => void {
  watchers.add(onChange);
  timer ??= setInterval(() => {
    for (const watcher of watchers) watcher();
  }, tickMilliseconds);
  return () => {
    watchers.delete(onChange);
    if (watchers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/**
 * The browser's clock, in steps: a component is drawn again only when its step is over.
 *
 * @param stepMilliseconds 5,000 or more
 * @returns milliseconds since 1970, the end of the current step; 0 on the server and for the first paint
 */
export function useNow(stepMilliseconds: number): number {
  return useSyncExternalStore(
    watch,
    () => Math.ceil(Date.now() / stepMilliseconds) * stepMilliseconds,
    () => 0,
  );
}
