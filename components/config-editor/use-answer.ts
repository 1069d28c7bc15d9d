"use client";

import { startTransition, useEffect, useRef, useState } from "react";
import type { Kind, Work } from "./analyst-work";
import { askAnalyst } from "./ask-analyst";
import { firstAnswer } from "./first-answer";

/** An answer with the question that it is to: a newer one may have been asked since. */
export interface Answered<K extends Kind> {
  ask: Work[K]["ask"];
  answer: Work[K]["answer"];
  /** Nothing was worked out yet: the answer is an empty one. */
  isPending: boolean;
}

/**
 * The analyst's answer to the newest question that he could answer so far.
 *
 * The first one is worked out at once where the files are short, so that a page never begins empty. While he works, further questions wait, and
 * of those only the last is asked.
 *
 * @param ask the same object as long as it is the same question
 */
export function useAnswer<K extends Kind>(kind: K, ask: Work[K]["ask"]): Answered<K> {
  const [answered, setAnswered] = useState<Answered<K>>(() => ({ ask, ...firstAnswer(kind, ask) }));
  const newest = useRef(ask);
  const done = useRef(answered.isPending ? undefined : ask);
  const busy = useRef(false);
  useEffect(() => {
    newest.current = ask;
    if (busy.current) return;
    busy.current = true;
    async function work() {
      try {
        while (done.current !== newest.current) {
          const asked = newest.current;
          const answer = await askAnalyst(kind, asked);
          done.current = asked;
          startTransition(() => setAnswered({ ask: asked, answer, isPending: false }));
        }
      } finally {
        busy.current = false;
      }
    }
    void work();
  }, [kind, ask]);
  return answered;
}
