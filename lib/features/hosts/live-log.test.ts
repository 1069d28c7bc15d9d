import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LiveLog } from "@/lib/features/hosts/live-log";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("output is written now and then, whole, and once more at the end", async () => {
  const writes: string[] = [];
  const live = new LiveLog(async (text) => void writes.push(text));
  for (let i = 0; i < 10; i++) live.add(Buffer.from(`${i}`));
  expect(writes).toEqual([]);
  await vi.advanceTimersByTimeAsync(500);
  live.add(Buffer.from("end"));
  await live.end();
  await live.end();
  expect(writes).toEqual(["0123456789", "0123456789end"]);
});

test("a character cut between two chunks stays whole; NUL and broken bytes are replaced", async () => {
  let text = "";
  const live = new LiveLog(async (all) => {
    text = all;
  });
  const bytes = Buffer.from("é\0");
  live.add(bytes.subarray(0, 1));
  live.add(bytes.subarray(1));
  live.add(Buffer.from([0xff]));
  await live.end();
  expect(text).toBe("é\uFFFD\uFFFD");
});

test("endless output keeps its end and says that the beginning was cut", async () => {
  let text = "";
  const live = new LiveLog(async (all) => {
    text = all;
  });
  for (let i = 0; i < 100; i++) live.add(Buffer.alloc(10_000, "x"));
  live.addLine("last");
  await live.end();
  expect(text.length).toBeLessThan(300_000);
  expect(text).toMatch(/^… \(the beginning was cut\)\nx+\nlast\n$/);
});

test("a write that fails is made up for by the next one; the last one tells", async () => {
  let fails = true;
  const writes: string[] = [];
  const live = new LiveLog(async (text) => {
    if (fails) throw new Error("the database restarts");
    writes.push(text);
  });
  live.addLine("one");
  await vi.advanceTimersByTimeAsync(500);
  fails = false;
  live.addLine("two");
  await vi.advanceTimersByTimeAsync(500);
  expect(writes).toEqual(["one\ntwo\n"]);
  fails = true;
  live.addLine("three");
  await expect(live.end()).rejects.toThrow("restarts");
});
