"use client";

import { useEffect, useState } from "react";
import type { PaletteView } from "@/lib/features/settings/views";

export interface PaletteResults extends PaletteView {
  /** "waiting": the answer to what was typed last is still on its way. */
  state: "waiting" | "ready";
}

const nothing: PaletteResults = { state: "waiting", hosts: [], people: [] };
/** Shorter than a pause between two keys of a slow typist, longer than between those of a quick one. */
const pauseMilliseconds = 60;

/** Hosts and people whose name fits what was typed. The last answer stays until the next one is here. */
export function usePaletteResults(open: boolean, text: string): PaletteResults {
  const [results, setResults] = useState<PaletteResults>(nothing);
  useEffect(() => {
    if (!open) return;
    const abort = new AbortController();
    setResults((last) => ({ ...last, state: "waiting" }));
    const timer = setTimeout(async () => {
      try {
        const response = await fetch(`/api/v1/palette?q=${encodeURIComponent(text.trim())}`, {
          signal: abort.signal,
        });
        if (!response.ok) throw new Error(`answered ${response.status}`);
        const found = (await response.json()) as PaletteView;
        setResults({ ...found, state: "ready" });
      } catch {
        // Aborted by the next key, or offline: places and acts are still there to choose from.
        if (!abort.signal.aborted) setResults({ ...nothing, state: "ready" });
      }
    }, pauseMilliseconds);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [open, text]);
  return results;
}
