"use client";

import { useRouter } from "next/navigation";
import { useEffect, useSyncExternalStore } from "react";
import { eventStream, type Liveness } from "./event-stream";

/**
 * Keeps a page true: reads it again whenever there is news of these topics.
 *
 * @param topics "hosts", "host:<id>", "change:<id>", "operation:<id>"
 */
export function useEvents(topics: readonly string[]): Liveness {
  const { refresh } = useRouter();
  const key = topics.join(" ");
  useEffect(() => {
    if (key === "") return;
    return eventStream.listen(key.split(" "), refresh);
  }, [key, refresh]);
  return useLiveness();
}

/** Whether what the person sees is kept up to date. */
export function useLiveness(): Liveness {
  return useSyncExternalStore(eventStream.watch, eventStream.read, () => "idle");
}
