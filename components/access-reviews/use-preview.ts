"use client";

import { useEffect, useState } from "react";
import type { ReviewScope } from "@/lib/features/access-reviews/schema";
import type { ReviewPreview } from "@/lib/features/access-reviews/views";

/** A pause after the last key: hosts are not counted for every letter. */
const pauseMilliseconds = 300;

/** What a campaign of this scope would freeze now; undefined until that is known, or while the scope is none. */
export function usePreview(scope: ReviewScope | undefined, accounts: string): ReviewPreview | undefined {
  const [preview, setPreview] = useState<{ query: string; value: ReviewPreview }>();
  const query = scope && new URLSearchParams({ scope: JSON.stringify(scope), accounts }).toString();
  useEffect(() => {
    if (!query) return;
    const asked = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const response = await fetch(`/api/v1/access/reviews/preview?${query}`, { signal: asked.signal });
        if (response.ok) setPreview({ query, value: (await response.json()) as ReviewPreview });
      } catch {
        // Nothing is shown, and opening says what is wrong.
      }
    }, pauseMilliseconds);
    return () => {
      clearTimeout(timer);
      asked.abort();
    };
  }, [query]);
  return preview && preview.query === query ? preview.value : undefined;
}
