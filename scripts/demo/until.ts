import { setTimeout as delay } from "node:timers/promises";
import { Problem } from "@/lib/db/problem.mjs";
import type { Supervisor } from "@/scripts/run/supervisor.mjs";

/**
 * Looks again and again until there is something to see.
 *
 * @param what for the message: "web-1 shows its host keys"
 * @throws Problem when that takes longer than a minute and a half, on a machine that does nothing else
 */
export type Until = <T>(what: string, look: () => Promise<T | undefined>) => Promise<T>;

const patienceSeconds = 90;
const pollSeconds = 0.15;

/** Waits that end with the demo. */
export function waiting(supervisor: Pick<Supervisor, "checkGoing">): Until {
  return async (what, look) => {
    const giveUpAt = performance.now() + patienceSeconds * 1000;
    for (;;) {
      supervisor.checkGoing();
      const seen = await look();
      if (seen !== undefined) return seen;
      if (performance.now() > giveUpAt)
        throw new Problem(
          `The demo waited ${patienceSeconds} s in vain until ${what}. Is this machine very busy? Start it again; LOG_LEVEL=info shows what the worker does.`,
        );
      await delay(pollSeconds * 1000);
    }
  };
}
