import fc from "fast-check";
import { expect, test } from "vitest";
import { diffEffective, diffLines } from "@/lib/sshd-config/diff";

const texts = fc
  .array(fc.constantFrom("a", "b", "c", ""), { maxLength: 30 })
  .map((l) => l.map((x) => `${x}\n`).join(""));

test("the kept and removed lines are the old text, the kept and added lines the new one", () => {
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const lines = diffLines(before, after);
      const side = (gone: string) =>
        lines
          .filter((l) => l.kind !== gone)
          .map((l) => `${l.text}\n`)
          .join("");
      expect(side("added")).toBe(before);
      expect(side("removed")).toBe(after);
    }),
  );
});

test("one changed line is one removal and one addition with its line numbers", () => {
  expect(diffLines("a\nb\nc\n", "a\nx\nc\n")).toEqual([
    { kind: "same", before: 1, after: 1, text: "a" },
    { kind: "removed", before: 2, after: null, text: "b" },
    { kind: "added", before: null, after: 2, text: "x" },
    { kind: "same", before: 3, after: 3, text: "c" },
  ]);
});

test("a difference is never longer than needed", () => {
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const a = before.split("\n").slice(0, -1);
      const b = after.split("\n").slice(0, -1);
      const common = a.map(() => 0).concat(0);
      const table = [common, ...b.map(() => common.slice())].map((row) => row.slice());
      for (let j = 1; j <= b.length; j++)
        for (let i = 1; i <= a.length; i++)
          table[j]![i] =
            a[i - 1] === b[j - 1]
              ? table[j - 1]![i - 1]! + 1
              : Math.max(table[j - 1]![i]!, table[j]![i - 1]!);
      const kept = diffLines(before, after).filter((l) => l.kind === "same").length;
      expect(kept).toBe(table[b.length]![a.length]);
    }),
  );
});

test("effective values compare by keyword whatever the case, and every value counts", () => {
  expect(
    diffEffective("port 22\nallowusers a\nallowusers b\n", "Port 22\nAllowUsers a\nbanner none\n"),
  ).toEqual([
    { keyword: "allowusers", before: ["a", "b"], after: ["a"] },
    { keyword: "banner", before: [], after: ["none"] },
  ]);
});
