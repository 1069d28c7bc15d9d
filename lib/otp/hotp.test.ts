import { expect, test } from "vitest";
import { findCounter, findNextCounter, hotpCode, hotpUri, resyncLookAhead } from "@/lib/otp/hotp";
import { encodeTotpSecret } from "@/lib/otp/totp";

const secret = encodeTotpSecret(Buffer.from("12345678901234567890"));

// RFC 4226, appendix D.
const vectors = "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489".split(" ");

test("the codes of RFC 4226 are made and found", () => {
  expect(vectors.map((_, counter) => hotpCode(secret, counter))).toEqual(vectors);
  expect(vectors.map((code) => findCounter(secret, code, 0, 10))).toEqual(
    vectors.map((_, counter) => counter),
  );
});

test("a code before or beyond the counters that are looked at is not found", () => {
  expect(findCounter(secret, "755224", 1, 9)).toBeUndefined();
  expect(findCounter(secret, "520489", 0, 9)).toBeUndefined();
  expect(findCounter(secret, "75522x", 0, 9)).toBeUndefined();
});

test("two codes in their order tell the next counter; in another order, or with a gap, nothing", () => {
  expect(findNextCounter(secret, ["254676", "287922"], 0)).toBe(7);
  expect(findNextCounter(secret, ["287922", "254676"], 0)).toBeUndefined();
  expect(findNextCounter(secret, ["254676", "162583"], 0)).toBeUndefined();
  expect(findNextCounter(secret, ["254676", "254676"], 0)).toBeUndefined();
  expect(findNextCounter(secret, ["254676", "28792"], 0)).toBeUndefined();
});

test("two codes are found to the end of what is looked at, and no further", () => {
  const pair = (counter: number) => [hotpCode(secret, counter), hotpCode(secret, counter + 1)] as const;
  expect(findNextCounter(secret, pair(resyncLookAhead - 1), 0)).toBe(resyncLookAhead + 1);
  expect(findNextCounter(secret, pair(resyncLookAhead), 0)).toBeUndefined();
});

test("the URI names the counter that the app begins with", () => {
  const uri = new URL(hotpUri(secret, { issuer: "web-1", login: "alice@web-1", counter: 1 }));
  expect(uri.protocol).toBe("otpauth:");
  expect(uri.host || uri.pathname).toContain("hotp");
  expect(Object.fromEntries(uri.searchParams)).toMatchObject({ secret, issuer: "web-1", counter: "1" });
});
