import { describe, expect, test } from "vitest";
import { addressThrottle, type Counter, nextCount } from "@/lib/db/throttle";

const limit = { free: 3, windowSeconds: 3600, longestDelaySeconds: 60 };
const start = new Date(1_000_000_000);
const later = (seconds: number) => new Date(start.getTime() + seconds * 1000);
const none: Counter = { failures: 0, windowEndsAt: start, blockedUntil: null };

/** The seconds to wait at each of these moments. */
function attempt(moments: readonly number[]): number[] {
  let counter = none;
  return moments.map((seconds) => {
    const { after, waitSeconds } = nextCount(counter, limit, later(seconds));
    counter = after;
    return waitSeconds;
  });
}

describe("counted attempts", () => {
  test("are free up to the limit, then wait", () => {
    expect(attempt([0, 0, 0, 0, 0])).toEqual([0, 0, 0, 1, 1]);
  });

  test("wait twice as long after each one that was let through, up to the longest delay", () => {
    const waits: number[] = [];
    let counter = none;
    let moment = 0;
    for (let i = 0; i < 12; i++) {
      counter = nextCount(counter, limit, later(moment)).after;
      const seconds = counter.blockedUntil
        ? (counter.blockedUntil.getTime() - later(moment).getTime()) / 1000
        : 0;
      waits.push(seconds);
      moment += seconds;
    }
    expect(waits).toEqual([0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
  });

  test("that knock during a delay are counted, and do not lengthen it", () => {
    expect(attempt([0, 0, 0, 0.1, 0.2, 0.3, 1])).toEqual([0, 0, 0, 1, 1, 1, 0]);
  });

  test("are forgotten after the window", () => {
    expect(attempt([0, 0, 0, 3601, 3601, 3601])).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe("an address", () => {
  test.each([
    ["192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2::1", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["unknown", "unknown"],
  ])("%s is counted as %s", (address, subject) => {
    expect(addressThrottle(address).subject).toBe(subject);
  });
});
