"use client";

import { useSyncExternalStore } from "react";

function watch(onChange: () => void): () => void {
  window.addEventListener("hashchange", onChange);
  return () => window.removeEventListener("hashchange", onChange);
}

/** What stands after `#`: a secret in a link, which no browser ever sends to a server. Empty on the server. */
export function useFragment(): string {
  return useSyncExternalStore(
    watch,
    () => decodeURIComponent(window.location.hash.slice(1)),
    () => "",
  );
}
