import type { CDPSession, Page } from "@playwright/test";

/** What keys cost, in milliseconds, one number a key. */
export interface KeyTimes {
  /**
   * Processor time of the page's own work on its main thread, from the press to the frame with the letter: handlers, the
   * editor's update, React, style and layout. Neither what else the machine does is in it, nor the painting, which is
   * done by a graphics card elsewhere.
   */
  worked: number[];
  /** Processor time of the main thread for all of it: with painting, and with being measured. */
  spent: number[];
  /** By the clock, from the press to the first moment in which the page hears of it. */
  waited: number[];
}

/**
 * Types as people do: words with short pauses between keys and longer ones between words, so that what waits for a
 * pause starts, and is met by the next key.
 *
 * The keys go to the browser directly: what Playwright records of each of its own acts would be measured as well.
 */
export async function typeMeasured(page: Page, text: string): Promise<KeyTimes> {
  // Left attached: to detach it would take the page's authenticator away.
  const browser = await page.context().newCDPSession(page);
  await browser.send("Performance.enable", { timeDomain: "threadTicks" });
  const times: KeyTimes = { worked: [], spent: [], waited: [] };
  await page.evaluate(() => {
    const waited: number[] = [];
    addEventListener("keydown", ({ timeStamp }) => waited.push(performance.now() - timeStamp), {
      capture: true,
    });
    Object.assign(window, { waited });
  });
  for (const [index, word] of text.trimEnd().split(" ").entries()) {
    for (const letter of `${word} `) {
      const before = await readClocks(browser);
      await browser.send("Input.dispatchKeyEvent", { type: "keyDown", text: letter, key: letter });
      await frame(browser);
      const after = await readClocks(browser);
      times.worked.push(after.worked - before.worked);
      times.spent.push(after.spent - before.spent);
      await browser.send("Input.dispatchKeyEvent", { type: "keyUp", key: letter });
      await pause(30);
    }
    await pause(100 + ((index * 97) % 260));
  }
  times.waited = await page.evaluate(() => (window as typeof window & { waited: number[] }).waited);
  return times;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Processor time of the page's main thread since it began, in milliseconds. */
async function readClocks(browser: CDPSession): Promise<{ worked: number; spent: number }> {
  const { metrics } = await browser.send("Performance.getMetrics");
  const clock = (name: string) => {
    const metric = metrics.find((one) => one.name === name);
    if (!metric)
      throw new Error(`The browser has no clock ${name}: ${metrics.map((one) => one.name).join(", ")}`);
    return metric.value * 1000;
  };
  return {
    worked: clock("ScriptDuration") + clock("RecalcStyleDuration") + clock("LayoutDuration"),
    spent: clock("ThreadTime"),
  };
}

/** Waits for a frame with its style, layout and paint: the next one begins behind them. */
async function frame(browser: CDPSession): Promise<void> {
  await browser.send("Runtime.evaluate", {
    expression: "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
    awaitPromise: true,
  });
}

/** Of many numbers, in whole tenths. */
export interface Spread {
  p50: number;
  p95: number;
  max: number;
}

/** @param numbers not empty */
export function spreadOf(numbers: readonly number[]): Spread {
  const sorted = [...numbers].sort((a, b) => a - b);
  /** The smallest number that `share` of the numbers do not exceed. */
  const percentile = (share: number) =>
    Math.round((sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN) * 10) / 10;
  return { p50: percentile(0.5), p95: percentile(0.95), max: percentile(1) };
}
