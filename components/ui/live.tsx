"use client";

import { useEvents } from "./use-events";

/** Keeps the server component around it up to date. Draws nothing. */
export function Live({ topics }: { topics: readonly string[] }) {
  useEvents(topics);
  return null;
}
