import { expect, test } from "vitest";
import { parseFractionalTime, parseTime } from "@/lib/sshd-config/time";

test("units add up", () => {
  expect(parseTime("1h30m", 902)).toBe(5400);
  expect(parseTime("1W1d1H1M1S", 902)).toBe(604800 + 86400 + 3600 + 60 + 1);
  expect(parseTime("90", 902)).toBe(90);
});

test("OpenSSH 8.2 multiplies what stands behind a unit, too", () => {
  expect(parseTime("1m5s", 802)).toBe(360);
  expect(parseTime("1m5s", 804)).toBe(65);
});

test("large values wrap up to 8.4 and are refused later", () => {
  expect(parseTime("4294967296", 804)).toBe(0);
  expect(parseTime("4294967296", 809)).toBeUndefined();
});

test("fractions are allowed from 10.3, for seconds only and once", () => {
  expect(parseTime("1.5", 1002)).toBeUndefined();
  expect(parseTime("1.5", 1006)).toBe(1);
  expect(parseFractionalTime("1m.5s")).toBe(60.5);
  for (const text of ["1.5h", "1.", "1s2s", "", "-1", "1x", "."])
    expect(parseFractionalTime(text)).toBeUndefined();
});

test("a plus sign passes until 9.6", () => {
  expect(parseTime("+1", 906)).toBe(1);
  expect(parseTime("+1", 909)).toBeUndefined();
});
