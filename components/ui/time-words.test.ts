import { expect, test } from "vitest";
import { clockTime, elapsed, relativeTime } from "./time-words";

const now = Date.parse("2026-01-02T12:00:00Z");
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();

test("each distance is said in its own unit", () => {
  expect(relativeTime(ago(2), now)).toBe("just now");
  expect(relativeTime(ago(30), now)).toBe("30 seconds ago");
  expect(relativeTime(ago(60), now)).toBe("1 minute ago");
  expect(relativeTime(ago(7200), now)).toBe("2 hours ago");
  expect(relativeTime(ago(86_400), now)).toBe("yesterday");
  expect(relativeTime(ago(-3600), now)).toBe("in 1 hour");
  expect(relativeTime(ago(400 * 86_400), now)).toBe("last year");
});

test("what is no moment is shown as it came", () => {
  expect(relativeTime("soon", now)).toBe("soon");
});

test("a countdown rounds up, so that 0:00 means over", () => {
  expect(clockTime(46.2)).toBe("0:47");
  expect(clockTime(600)).toBe("10:00");
  expect(clockTime(-3)).toBe("0:00");
});

test("elapsed time is short, and exact where it matters", () => {
  expect([0, 0.04, 2.34, 59.94, 75, 3599, 7200, 200_000].map(elapsed)).toEqual([
    "0 s",
    "0 s",
    "+2.3 s",
    "+59.9 s",
    "+1:15",
    "+59:59",
    "+2 h",
    "+2 d",
  ]);
});
