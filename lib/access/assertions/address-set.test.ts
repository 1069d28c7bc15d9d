import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  everyAddress,
  intersect,
  refuseNetwork,
  runsOf,
  setOfRuns,
  setOfScope,
  subtract,
} from "@/lib/access/assertions/address-set";
import type { AddressScope } from "@/lib/access/assertions/assertion";
import { describeRanges } from "@/lib/access/sources";

const words = (scope: AddressScope) => describeRanges(setOfScope(scope));

test("what is outside of networks is everything else, of both families", () => {
  expect(words({ kind: "outside", networks: ["10.0.0.0/8"] })).toEqual([
    "0.0.0.0–9.255.255.255",
    "11.0.0.0–255.255.255.255",
    "any IPv6 address",
  ]);
  expect(words({ kind: "outside", networks: ["0.0.0.0/0", "::/0"] })).toEqual([]);
  expect(words({ kind: "inside", networks: ["10.1.0.0/16", "10.0.0.0/8", "::1"] })).toEqual([
    "10.0.0.0/8",
    "::1",
  ]);
  expect(words({ kind: "any" })).toEqual(["any address"]);
});

test("a run whose text is none counts for every address", () => {
  expect(setOfRuns([{ first: "10.0.0.0", last: "nonsense" }])).toEqual(everyAddress);
  expect(setOfRuns([{ first: "10.0.0.0", last: "::1" }])).toEqual(everyAddress);
});

describe("a network", () => {
  test.each(["10.0.0.0/8", "192.0.2.7", "0.0.0.0/0", "2001:db8::/32", "::1", "10.0.0.0/32"])(
    "%s is one",
    (text) => {
      expect(refuseNetwork(text)).toBeUndefined();
    },
  );
  test.each([
    "10.0.0.1/8",
    "10.0.0.0/33",
    "2001:db8::1/32",
    "10.1",
    "010.0.0.0/8",
    "0x7f.0.0.1",
    "10.0.0.*",
    "!10.0.0.0/8",
    "example.org",
    "",
    "10.0.0.0/",
    " 10.0.0.0/8",
  ])("%j is none, and a rule with it is never judged", (text) => {
    expect(refuseNetwork(text)).toMatch(/is no network/);
  });
  test("that cannot be read stops the judgement", () => {
    expect(() => setOfScope({ kind: "inside", networks: ["10.0.0.1/8"] })).toThrow(RangeError);
  });
});

test("sets are what the numbers say", () => {
  const number = fc.integer({ min: 0, max: 40 });
  const runs = fc.array(
    fc.tuple(number, number).map(([a, b]) => {
      const [first, last] = a < b ? [a, b] : [b, a];
      return { first: `0.0.0.${first}`, last: `0.0.0.${last}` };
    }),
    { maxLength: 5 },
  );
  const members = (set: ReturnType<typeof setOfRuns>) =>
    Array.from({ length: 41 }, (_, i) => i).filter((i) =>
      set.some(({ family, first, last }) => family === 4 && first <= BigInt(i) && BigInt(i) <= last),
    );
  fc.assert(
    fc.property(runs, runs, (a, b) => {
      const [one, other] = [setOfRuns(a), setOfRuns(b)];
      const [inOne, inOther] = [members(one), members(other)];
      expect(members(intersect(one, other))).toEqual(inOne.filter((i) => inOther.includes(i)));
      expect(members(subtract(one, other))).toEqual(inOne.filter((i) => !inOther.includes(i)));
      expect(setOfRuns(runsOf(one))).toEqual(one);
      // Runs neither overlap nor touch.
      for (const [i, range] of one.entries()) {
        const next = one[i + 1];
        if (next) expect(next.first > range.last + 1n).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});
