import { describe, expect, test } from "vitest";
import { loggable } from "./log";

describe("loggable", () => {
  test.each([
    "password",
    "currentPassword",
    "setupToken",
    "cookie",
    "Authorization",
    "privateKey",
    "private_key",
    "passphrase",
    "nonce",
  ])("hides the value of a field named %s, however deep", (name) => {
    expect(JSON.stringify(loggable({ a: [{ [name]: "hunter2" }] }))).toBe(`{"a":[{"${name}":"[secret]"}]}`);
  });

  test("an error keeps its message, its code and its causes", () => {
    const error = Object.assign(new Error("no answer", { cause: new Error("refused") }), {
      code: "ECONNREFUSED",
    });
    expect(loggable({ error })).toMatchObject({
      error: { message: "no answer", code: "ECONNREFUSED", cause: { message: "refused" } },
    });
  });

  test("bytes are never printed, only their number", () => {
    expect(loggable({ key: Buffer.from("hunter2") })).toEqual({ key: "[7 bytes]" });
  });

  test("big integers, dates and circles become JSON", () => {
    const circle: Record<string, unknown> = { seq: 12n, at: new Date(0) };
    circle.self = circle;
    expect(JSON.stringify(loggable(circle))).toMatch(
      /^\{"seq":"12","at":"1970-01-01T00:00:00.000Z",.*\[deep\]/,
    );
  });
});
