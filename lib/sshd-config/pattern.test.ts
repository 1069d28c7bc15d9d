import fc from "fast-check";
import { expect, test } from "vitest";
import { matchesPattern, matchPatternList } from "@/lib/sshd-config/pattern";

test("star and question mark match as an ordinary expression would", () => {
  const text = fc.array(fc.constantFrom("a", "b"), { maxLength: 8 }).map((c) => c.join(""));
  const pattern = fc.array(fc.constantFrom("a", "b", "*", "?"), { maxLength: 8 }).map((c) => c.join(""));
  fc.assert(
    fc.property(text, pattern, (t, p) => {
      const expression = new RegExp(`^${p.replace(/\*/g, ".*").replace(/\?/g, ".")}$`);
      expect(matchesPattern(t, p)).toBe(expression.test(t));
    }),
    { numRuns: 600 },
  );
});

test("a question mark stands for one byte, not for one letter", () => {
  expect(matchesPattern("ö", "?")).toBe(false);
  expect(matchesPattern("ö", "??")).toBe(true);
});

test("a pattern made to be slow is not", () => {
  const started = performance.now();
  expect(matchesPattern("a".repeat(1000), `${"*a".repeat(500)}b`)).toBe(false);
  expect(performance.now() - started).toBeLessThan(1000);
});

test("a list of negated items alone never matches", () => {
  expect(matchPatternList("alice", "!bob")).toBe(0);
  expect(matchPatternList("alice", "!bob,*")).toBe(1);
  expect(matchPatternList("alice", "*,!alice")).toBe(-1);
  expect(matchPatternList("", "")).toBe(0);
});
