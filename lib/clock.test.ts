import { expect, test } from "vitest";
import { monotonicSeconds, sleep } from "./clock";

test("sleep ends as soon as its signal is aborted", async () => {
  const stop = new AbortController();
  const before = monotonicSeconds();
  const sleeping = sleep(60, stop.signal);
  stop.abort();
  await sleeping;
  expect(monotonicSeconds() - before).toBeLessThan(5);
});

test("sleep with an aborted signal does not begin", async () => {
  await sleep(60, AbortSignal.abort());
});
