import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Answer, AnswerParser, type Finished, printRequest } from "@/lib/agent/wire";

function answerBytes(kind: string, headers: Record<string, string>, body: Buffer): Buffer {
  const head = Buffer.from(
    Object.entries(headers)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
  );
  return Buffer.concat([Buffer.from(`GATEHOUSE/1 ${kind} ${head.length} ${body.length}\n`), head, body]);
}

/** Feeds `bytes` in pieces cut at `cuts`. */
function parseInPieces(bytes: Buffer, cuts: readonly number[], onPart?: (part: Buffer) => void): Finished {
  const parser = new AnswerParser(1 << 20, onPart);
  const points = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  for (let i = 1; i < points.length; i++) parser.push(bytes.subarray(points[i - 1], points[i]));
  return parser.finish();
}

const name = fc.stringMatching(/^[a-z0-9._-]{1,20}$/).filter((text) => text !== "__proto__");
const value = fc.string({ maxLength: 60, unit: "grapheme" }).filter((text) => !/[\x00-\x1f\x7f]/.test(text));
const headers = fc.dictionary(name, value, { maxKeys: 12, noNullPrototype: true });
const body = fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes));
const cuts = fc.array(fc.nat(10_000), { maxLength: 12 });

describe("a request", () => {
  test("announces exactly the bytes that follow", () => {
    const bytes = printRequest({
      verb: "apply",
      headers: { id: "a1", deadline: 60 },
      body: Buffer.from("Port 22\n"),
    });
    expect(bytes.toString()).toBe("GATEHOUSE/1 apply 18 8\nid=a1\ndeadline=60\nPort 22\n");
  });

  test.each([
    ["a newline in a value", { id: "a\nfile=b" }],
    ["a carriage return in a value", { id: "a\r" }],
    ["a NUL in a value", { id: "a\0" }],
    ["an equals sign in a name", { "a=b": "c" }],
    ["an upper-case name", { ID: "c" }],
  ])("with %s is refused", (_, bad) => {
    expect(() => printRequest({ verb: "status", headers: bad, body: Buffer.alloc(0) })).toThrow(RangeError);
  });

  test("of more than 256 KiB is refused before it is sent", () => {
    expect(() => printRequest({ verb: "apply", headers: {}, body: Buffer.alloc(256 * 1024) })).toThrow(
      /262144/,
    );
  });
});

describe("an answer", () => {
  test("comes back as it was written, however it is cut into pieces", () => {
    fc.assert(
      fc.property(headers, body, cuts, (head, content, at) => {
        const finished = parseInPieces(answerBytes("ok", head, content), at);
        const expected: Answer = { headers: Object.assign(Object.create(null), head), body: content };
        expect(finished).toEqual({ ok: true, error: null, answer: expected });
      }),
    );
  });

  test("gives every part in order before the end", () => {
    fc.assert(
      fc.property(fc.array(body, { maxLength: 8 }), cuts, (parts, at) => {
        const bytes = Buffer.concat([
          ...parts.map((part) => answerBytes("part", {}, part)),
          answerBytes("ok", { code: "0" }, Buffer.alloc(0)),
        ]);
        const seen: Buffer[] = [];
        const finished = parseInPieces(bytes, at, (part) => seen.push(Buffer.from(part)));
        expect(finished.ok).toBe(true);
        expect(Buffer.concat(seen)).toEqual(Buffer.concat(parts));
        expect(seen).toHaveLength(parts.length);
      }),
    );
  });

  test("of arbitrary bytes never throws and is never taken for a good one", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), cuts, (bytes, at) => {
        expect(parseInPieces(Buffer.from(bytes), at, () => {}).ok).toBe(false);
      }),
    );
  });

  test("with one byte changed never throws", () => {
    const good = answerBytes("ok", { state: "idle", id: "" }, Buffer.from("body"));
    for (let at = 0; at < good.length; at++) {
      const bad = Buffer.from(good);
      bad.writeUInt8(bad.readUInt8(at) ^ 0x15, at);
      expect(() => parseInPieces(bad, [])).not.toThrow();
    }
  });

  test("that ends early is a fault at every length", () => {
    const good = answerBytes("ok", { state: "idle" }, Buffer.from("body"));
    for (let length = 0; length < good.length; length++)
      expect(parseInPieces(good.subarray(0, length), []).ok, `${length} bytes`).toBe(false);
  });

  test.each([
    ["bytes after the end", `${answerBytes("ok", {}, Buffer.alloc(0))}x`],
    ["a first line without an end", "G".repeat(129)],
    ["another protocol version", "GATEHOUSE/2 ok 0 0\n"],
    ["a negative length", "GATEHOUSE/1 ok -1 0\n"],
    ["a header twice", "GATEHOUSE/1 ok 8 0\na=1\na=2\n"],
    ["a header without a newline at its end", "GATEHOUSE/1 ok 3 0\na=1"],
    ["an error of an unknown code", "GATEHOUSE/1 error 9 0\ncode=odd\n"],
    ["a part with headers", "GATEHOUSE/1 part 4 0\na=1\n"],
    ["a body larger than the cap", "GATEHOUSE/1 ok 0 1048577\n"],
    ["a header larger than 64 KiB", "GATEHOUSE/1 ok 65537 0\n"],
  ])("with %s is a fault", (_, text) => {
    expect(parseInPieces(Buffer.from(text), [], () => {}).ok).toBe(false);
  });

  test("with live output that nobody asked for is a fault", () => {
    expect(parseInPieces(answerBytes("part", {}, Buffer.from("x")), []).ok).toBe(false);
  });

  test("of endless parts stops at the cap and holds nothing", () => {
    let taken = 0;
    const parser = new AnswerParser(1000, (part) => {
      taken += part.length;
    });
    for (let i = 0; i < 1000; i++) parser.push(answerBytes("part", {}, Buffer.alloc(100)));
    expect(taken).toBe(1000);
    expect(parser.finish()).toEqual({ ok: false, fault: "its output is too long" });
  });

  test("that is a refusal carries the code and the host's words", () => {
    const bytes = answerBytes(
      "error",
      { code: "conflict", message: "The file changed meanwhile." },
      Buffer.alloc(0),
    );
    expect(parseInPieces(bytes, [])).toEqual({
      ok: true,
      error: { code: "conflict", message: "The file changed meanwhile." },
    });
  });

  test("cannot set a prototype by a header's name", () => {
    const finished = parseInPieces(
      answerBytes("ok", { __proto_: "x", constructor: "y" }, Buffer.alloc(0)),
      [],
    );
    expect(finished.ok && finished.error === null && finished.answer.headers.constructor).toBe("y");
  });
});
