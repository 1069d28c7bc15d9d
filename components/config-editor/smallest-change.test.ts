import { expect, test } from "vitest";
import { moveEdits, smallestChange } from "./smallest-change";

const edit = (from: number, to: number, insert = "") => ({ path: "/f", from, to, insert });

test("the stretch that differs is as small as it can be", () => {
  expect(smallestChange("abc", "abc")).toBeUndefined();
  expect(smallestChange("Port 22\n", "Port 2222\n")).toEqual({ from: 7, to: 7, insert: "22" });
  expect(smallestChange("aa", "a")).toEqual({ from: 1, to: 2, insert: "" });
});

test("an edit is moved along with the text behind what was typed, and stays before it", () => {
  const before = "one\ntwo\nthree\n";
  const after = "one\ntwo!!\nthree\n";
  expect(moveEdits([edit(8, 14)], before, after)).toEqual([edit(10, 16)]);
  expect(moveEdits([edit(0, 3, "1")], before, after)).toEqual([edit(0, 3, "1")]);
  expect(moveEdits([edit(0, 3), edit(8, 14)], before, before)).toEqual([edit(0, 3), edit(8, 14)]);
});

test("an edit of what has changed meanwhile is not done", () => {
  expect(moveEdits([edit(4, 7)], "one\ntwo\n", "one\ntwx\n")).toBeUndefined();
  expect(moveEdits([edit(4, 4, "x"), edit(0, 1)], "one\ntwo\n", "one\n!two\n")).toBeUndefined();
});
