import { describe, expect, test } from "vitest";
import { CreateRuleInput } from "@/lib/features/access-rules/schema";
import { PlanChangeInput } from "@/lib/features/changes/schema";
import { EditHostInput } from "@/lib/features/hosts/schema";
import { PersonName, RenamePasskeyInput } from "@/lib/features/people/schema";
import { areVisibleLines, isVisibleText } from "@/lib/text";

const unseen = {
  "a bidirectional override": "a\u202Eb",
  "an isolate": "a\u2066b",
  "a zero-width space": "a\u200bb",
  "a terminal escape": "a\u001b[31mb",
  "a byte order mark": "a\ufeffb",
  "half a surrogate pair": "a\ud800",
  "a tag": "a\u{e0041}",
  "a line separator": "a\u2028b",
  "a variation selector": "a\ufe01b",
  "a letter that is drawn as nothing": "a\u3164b",
};

describe("what is not seen is no text that people may type", () => {
  test.each(Object.entries(unseen))("%s", (_, text) => {
    expect(isVisibleText(text)).toBe(false);
    expect(areVisibleLines(text)).toBe(false);
    expect(PersonName.safeParse(text).success).toBe(false);
    const id = crypto.randomUUID();
    expect(RenamePasskeyInput.safeParse({ passkeyId: id, name: text }).success).toBe(false);
    expect(EditHostInput.safeParse({ hostId: id, note: text }).success).toBe(false);
    const change = { fileId: id, baseSha256: "0".repeat(64), content: "", message: text };
    expect(PlanChangeInput.safeParse(change).error?.issues.map(({ path }) => path[0])).toContain("message");
    const rule = CreateRuleInput.safeParse({ name: text, reason: "x" });
    expect(rule.error?.issues.map(({ path }) => path[0])).toContain("name");
  });
});

test("what people write in their own script is", () => {
  for (const text of ["Zoë O’Neill", "山田太郎", "Łukasz – нет", "שלום", "🔑 laptop", "<script>"]) {
    expect(isVisibleText(text)).toBe(true);
    expect(PersonName.parse(` ${text} `)).toBe(text);
  }
});

test("a line end and a tab are text of several lines, and not of one", () => {
  for (const text of ["a\nb", "a\r\nb", "a\tb"]) {
    expect(areVisibleLines(text)).toBe(true);
    expect(isVisibleText(text)).toBe(false);
  }
  expect(areVisibleLines("a\rb")).toBe(false);
});
