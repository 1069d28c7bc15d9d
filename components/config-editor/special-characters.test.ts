import { expect, test } from "vitest";
import { deceptiveCharacters } from "@/lib/text";
import { deceptiveCharacters as madeVisible } from "../ui/visible-text";
import { deceptiveInText, findDeceptive } from "./special-characters";

test("every character that can lie about a line is marked in the views of a text, a tab is not", () => {
  const marked = (text: string) => text.match(deceptiveInText) ?? [];
  for (const code of [0x202a, 0x202b, 0x202e, 0x2066, 0x2068, 0x200b, 0x200d, 0x3164, 0xe0041, 0x1b, 0x0d])
    expect(marked(`Port ${String.fromCodePoint(code)}22`), code.toString(16)).toHaveLength(1);
  expect(marked("Match\tUser ünï,漢字 # …")).toEqual([]);
});

test("where they stand is told by line, the end of a CRLF line left out", () => {
  const text = "Port 22\r\nUsePAM \u202eon\r\n# \u200b\u200b\n";
  expect(findDeceptive(text, 2)).toEqual([
    { line: 2, name: "U+202E" },
    { line: 3, name: "U+200B" },
  ]);
  expect(findDeceptive("a\rb", 9)).toEqual([{ line: 1, name: "U+000D" }]);
});

test("what pages have to make visible is what nobody may type at a door", () => {
  expect(deceptiveCharacters.source).toBe(madeVisible.source);
});
