import { expect, test } from "vitest";
import { differenceOf } from "@/lib/features/access-reviews/difference";
import type { DriftSide } from "@/lib/features/access-reviews/views";

const way: DriftSide = {
  account: "ann",
  fingerprint: "SHA256:x",
  comment: null,
  personName: null,
  methods: "publickey",
  factors: 1,
  from: ["10.0.0.0/8"],
  forcedCommand: null,
  limits: [],
};
const isLooser = (before: Partial<DriftSide>, after: Partial<DriftSide>) =>
  differenceOf({ ...way, ...before }, { ...way, ...after }).isLooser;

test.each([
  [["10.0.0.0/8"], ["10.1.0.0/16"], false],
  [["10.0.0.0/8"], ["10.0.0.0/9", "10.128.0.0/9"], false],
  [["10.0.0.0/8"], ["10.0.0.0/7"], true],
  [["10.0.0.1–10.0.0.9"], ["10.0.0.3"], false],
  [["10.0.0.1–10.0.0.9"], ["10.0.0.10"], true],
  [["any address"], ["any IPv4 address"], false],
  [["any IPv4 address"], ["any IPv6 address"], true],
  [["2001:db8::/32"], ["2001:db8:1::/48"], false],
  [["10.0.0.0/8"], ["something that nobody can read"], true],
])("from %j to %j is easier to get in: %s", (before, after, looser) => {
  expect(isLooser({ from: before }, { from: after })).toBe(looser);
});

test("fewer factors, a command or a limit less, and another command are easier; the other way round is not", () => {
  const two = { methods: "publickey,password", factors: 2 };
  expect([isLooser(two, {}), isLooser({}, two)]).toEqual([true, false]);
  const command = { forcedCommand: "backup" };
  expect([isLooser(command, {}), isLooser({}, command)]).toEqual([true, false]);
  expect(isLooser(command, { forcedCommand: "sh" })).toBe(true);
  const limit = { limits: ["no terminal"] };
  expect([isLooser(limit, {}), isLooser({}, limit)]).toEqual([true, false]);
});

test("what is the same is no difference", () => {
  expect(differenceOf(way, { ...way, comment: "other" })).toEqual({ differences: [], isLooser: false });
});
