import fc from "fast-check";
import { expect, test } from "vitest";
import { addMarker, markersIn, markerVariable, stripMarker } from "@/lib/change/marker";

const id = "abcdefghij0123456789";
const other = "zyxwvutsrq9876543210";

test("the block is the one that the agent insists on, and the last thing in the file", () => {
  expect(addMarker("PermitRootLogin no\n", id)).toBe(
    [
      "PermitRootLogin no",
      "# Gatehouse: proof that this file is in force. Keep this block last.",
      "Match User gatehouse",
      `\tAcceptEnv GATEHOUSE_CHANGE_${id}`,
      "Match all",
      "",
    ].join("\n"),
  );
});

test("what a person wrote comes back exactly, whatever its line ends and with or without the last one", () => {
  const line = fc.oneof(
    fc.constantFrom(
      "PermitRootLogin no",
      "Match all",
      "Match User bob",
      "# comment",
      "",
      "\tX11Forwarding no",
    ),
    fc.string({ unit: "grapheme", maxLength: 12 }),
  );
  const text = fc
    .tuple(fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n", "\r"))), line)
    .map(([lines, last]) => lines.map(([words, end]) => words + end).join("") + last);
  fc.assert(
    fc.property(text, (own) => {
      const marked = addMarker(own, id);
      expect(stripMarker(marked)).toBe(own);
      expect(marked.endsWith("\nMatch all\n")).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("adding twice is adding once, and a new change's block replaces the old one", () => {
  const once = addMarker("UseDNS no", id);
  expect(addMarker(once, id)).toBe(once);
  expect(addMarker(once, other)).toBe(addMarker("UseDNS no", other));
  expect(markersIn(addMarker(once, other))).toEqual([other]);
});

test("a block whose line ends an editor changed, or whose comment was deleted, is still taken out", () => {
  const marked = addMarker("UseDNS no\n", id);
  expect(stripMarker(marked.replaceAll("\n", "\r\n"))).toBe("UseDNS no\r\n");
  expect(stripMarker(marked.replace(/^# Gatehouse.*\n/m, ""))).toBe("UseDNS no\n");
  expect(stripMarker(marked.slice(0, -1))).toBe("UseDNS no\n");
});

test("directives that somebody added below the block do not fall into the Match block above it", () => {
  const marked = addMarker("Match User bob\n\tX11Forwarding no\n", id);
  expect(stripMarker(`${marked}PermitRootLogin no\n`)).toBe(
    "Match User bob\n\tX11Forwarding no\nMatch all\nPermitRootLogin no\n",
  );
});

test("comments below the block stay, without a Match all that nobody needs", () => {
  expect(stripMarker(`${addMarker("UseDNS no\n", id)}# my note\n`)).toBe("UseDNS no\n# my note\n");
});

test("blocks of several changes in one file are all taken out", () => {
  const doubled = addMarker("UseDNS no\n", id) + addMarker("", other);
  expect(markersIn(doubled)).toEqual([id, other]);
  expect(stripMarker(doubled)).toBe("UseDNS no\n");
});

test("a person's own Match block for the account gatehouse is left alone", () => {
  const own = "Match User gatehouse\n\tAcceptEnv LANG\nMatch all\n";
  expect(stripMarker(own)).toBe(own);
});

test("an id that could smuggle a line into the file is refused", () => {
  expect(() => addMarker("", "x\nPermitRootLogin yes")).toThrow(RangeError);
  expect(() => addMarker("", "")).toThrow(RangeError);
});

test("the variable of the fresh login carries the change's id", () => {
  expect(markerVariable(id)).toBe(`GATEHOUSE_CHANGE_${id}`);
});
