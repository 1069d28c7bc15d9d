import type { Page } from "@playwright/test";

/** How long keys took in the page, in milliseconds, one number a key. */
export interface KeyTimes {
  /** From the press to the first moment in which the page hears of it: what else it was busy with. */
  waited: number[];
  /** From then to the end of everything that the key set off at once: handlers, the editor's update, React. */
  worked: number[];
}

/** Starts to measure every key that arrives at the page. */
export async function watchKeys(page: Page): Promise<void> {
  await page.evaluate(() => {
    const times: KeyTimes = { waited: [], worked: [] };
    let began = 0;
    window.addEventListener(
      "keydown",
      (event) => {
        began = performance.now();
        times.waited.push(began - event.timeStamp);
      },
      { capture: true },
    );
    // The last of the events of a key that change anything; what listens to it in the page comes before the window.
    window.addEventListener("input", () => {
      const from = began;
      // The editor reads its text in a microtask, and React renders in one that begins only then: the second is behind both.
      queueMicrotask(() => queueMicrotask(() => times.worked.push(performance.now() - from)));
    });
    Object.assign(window, { keyTimes: times });
  });
}

/** What was measured since the last call. */
export async function readKeyTimes(page: Page): Promise<KeyTimes> {
  return page.evaluate(() => {
    const { keyTimes } = window as typeof window & { keyTimes: KeyTimes };
    const { waited, worked } = keyTimes;
    keyTimes.waited = [];
    keyTimes.worked = [];
    return { waited, worked };
  });
}

/** The smallest number that `share` of the numbers do not exceed; NaN of none. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}

/**
 * Types as people do: words with short pauses between keys and longer ones between words, so that what waits for a
 * pause starts, and is met by the next key. A word is one act: what Playwright records of each stands between words.
 */
export async function typeLikePeople(page: Page, text: string): Promise<void> {
  for (const [index, word] of text.trimEnd().split(" ").entries()) {
    await page.keyboard.type(`${word} `, { delay: 30 });
    await page.waitForTimeout(100 + ((index * 97) % 260));
  }
}
