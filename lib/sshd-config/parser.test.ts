import fc from "fast-check";
import { expect, test } from "vitest";
import { builds, newestBuild } from "@/lib/sshd-config/build";
import { parse, print } from "@/lib/sshd-config/parser";

const pieces = fc.constantFrom(
  "\0",
  "\ufeff",
  "\r\n",
  "\n",
  "\r",
  " ",
  "\t",
  "\f",
  '"',
  "'",
  "\\",
  "#",
  "=",
  "Port",
  "22",
  "Match",
  "ö",
  "\u00a0",
);
const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(pieces, { maxLength: 60 }).map((p) => p.join("")),
);

test("print gives back what was parsed, whatever it was", () => {
  fc.assert(
    fc.property(texts, fc.constantFrom(...builds), (text, build) => {
      expect(print(parse(text, build))).toBe(text);
    }),
    { numRuns: 600 },
  );
});

test("every word lies inside its line", () => {
  fc.assert(
    fc.property(texts, fc.constantFrom(...builds), (text, build) => {
      for (const line of parse(text, build).lines) {
        for (const word of [line.keyword, ...line.args]) {
          if (!word) continue;
          expect(word.from).toBeGreaterThanOrEqual(line.from);
          expect(word.to).toBeGreaterThanOrEqual(word.from);
          expect(word.to).toBeLessThanOrEqual(line.to);
        }
      }
    }),
    { numRuns: 600 },
  );
});

test("a line of plain words is read as any other is", () => {
  const shown = (text: string, build = newestBuild) => {
    const line = parse(text, build).lines[0];
    if (!line) return undefined;
    const { kind, content, spelled, entry, keyword, rest, restText, args, unbalanced, commentFrom } = line;
    const values = args.map((_, i) => [line.valueAt(i), line.fromAt(i), line.toAt(i)]);
    return { kind, content, spelled, entry, keyword, rest, restText, args, values, unbalanced, commentFrom };
  };
  const word = fc.constantFrom(
    "Port",
    "x11forwarding",
    "Foo",
    "22",
    "a=b",
    "=",
    "#",
    "#a",
    "a#b",
    "'",
    "ö",
    "\r",
    "\f",
  );
  const blanks = fc.constantFrom(" ", "\t", "  ", "", " \t");
  const line = fc.array(fc.tuple(blanks, word), { maxLength: 6 }).map((p) => p.flat().join(""));
  fc.assert(
    // With a NUL at its end a line is read the long way, and as the same.
    fc.property(line, fc.constantFrom(...builds), (text, build) => {
      const [plain, long] = [shown(text, build), shown(`${text}\0`, build)];
      if (text !== "") expect(plain).toEqual(long);
    }),
    { numRuns: 1000 },
  );
});

const words = (text: string, build = newestBuild) => {
  const line = parse(text, build).lines[0]!;
  return [line.keyword?.value, ...line.args.map((w) => w.value)];
};

test("keyword and value may be joined by one equals sign", () => {
  for (const text of ["Port 22", "Port=22", "Port = 22", "Port\t=\t22", '"Port" 22', 'Po"rt" 22'])
    expect(words(text)).toEqual(["Port", "22"]);
});

test("quotes join and escapes resolve from 8.7 on", () => {
  expect(words(`AllowUsers y"e"s 'a b' a\\ b "\\"x" a#b #c`)).toEqual([
    "AllowUsers",
    "yes",
    "a b",
    "a b",
    '"x',
    "a#b",
  ]);
});

test("up to 8.6 a hash cuts the line even inside quotes", () => {
  const line = parse('Banner "/etc/a#b"\n', builds[0]!).lines[0]!;
  expect(line.content).toBe('Banner "/etc/a');
  expect(line.unbalanced).toBe(true);
});

test("a NUL cuts its line and glues the next one on, as in sshd", () => {
  const { lines } = parse("Port 22\0junk\n23\nBanner x\n");
  expect(lines.map((l) => [l.number, l.content])).toEqual([
    [1, "Port 2223"],
    [2, "Banner x"],
  ]);
});
