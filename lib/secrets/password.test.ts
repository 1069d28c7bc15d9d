import { expect, test } from "vitest";
import { hashPassword, verifyPassword } from "@/lib/secrets/password";

test("the right password is right, another is not", async () => {
  const hash = await hashPassword("a sentence is easy");
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await verifyPassword(hash, "a sentence is easy")).toBe(true);
  expect(await verifyPassword(hash, "a sentence is easY")).toBe(false);
});

test("nobody has a password, not even the one that stands in for him", async () => {
  expect(await verifyPassword(null, "nobody's password")).toBe(false);
});

test("the same password typed on another keyboard (composed or not) is right", async () => {
  expect(await verifyPassword(await hashPassword("cafe\u0301 au lait!!"), "caf\u00e9 au lait!!")).toBe(true);
});

test("two hashes of one password differ", async () => {
  expect(await hashPassword("a sentence is easy")).not.toBe(await hashPassword("a sentence is easy"));
});

test("more than can wait are turned away at once, and all others are answered", async () => {
  const hash = await hashPassword("x");
  const results = await Promise.allSettled(Array.from({ length: 230 }, () => verifyPassword(hash, "y")));
  const refused = results.filter((result) => result.status === "rejected");
  expect(refused).toHaveLength(28);
  expect(refused.every((result) => String(result.reason).includes("Try again shortly"))).toBe(true);
}, 60_000);
