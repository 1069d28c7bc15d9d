import { inspect } from "node:util";
import { expect, test } from "vitest";
import { Secret } from "@/lib/secrets/secret";

const value = "correct horse battery staple";
const secret = new Secret(value);

test.each([
  ["a template string", () => `${secret}`],
  ["String()", () => String(secret)],
  ["JSON", () => JSON.stringify({ secret })],
  ["inspect, to any depth", () => inspect({ a: { b: secret } }, { depth: 9, showHidden: true })],
  ["spreading", () => JSON.stringify({ ...secret }) + inspect({ ...secret })],
  ["the names and values of its own", () => JSON.stringify(Object.entries(secret))],
])("%s does not show a secret", (_, print) => {
  expect(print()).not.toContain(value);
});

test("a secret is revealed when asked by name", () => {
  expect(secret.reveal()).toBe(value);
});
