import { describe, expect, test } from "vitest";
import { parseEnv } from "./env";

const minimal = { DATABASE_URL: "postgresql://gatehouse@localhost/gatehouse" };

describe("parseEnv", () => {
  test("needs nothing but a database", () => {
    expect(parseEnv(minimal)).toMatchObject({
      host: "127.0.0.1",
      port: 3000,
      origin: "http://localhost:3000",
      rpId: "localhost",
      trustedProxies: 0,
      logFormat: "pretty",
    });
  });

  test("takes the origin and the relying party from GATEHOUSE_URL, not from the port", () => {
    const env = parseEnv({ ...minimal, PORT: "8080", GATEHOUSE_URL: "https://gatehouse.example.org/" });
    expect([env.origin, env.rpId, env.port]).toEqual([
      "https://gatehouse.example.org",
      "gatehouse.example.org",
      8080,
    ]);
  });

  test("an empty variable counts as not set", () => {
    expect(parseEnv({ ...minimal, PORT: "", GATEHOUSE_URL: "" }).port).toBe(3000);
  });

  test("names every wrong variable at once", () => {
    const parse = () =>
      parseEnv({ PORT: "70000", GATEHOUSE_URL: "gatehouse.example.org", LOG_LEVEL: "loud" });
    for (const name of ["DATABASE_URL", "PORT", "GATEHOUSE_URL", "LOG_LEVEL"])
      expect(parse).toThrow(new RegExp(`^  ${name} `, "m"));
  });

  test.each([
    "https://gatehouse.example.org/path",
    "https://a:b@gatehouse.example.org",
    "ftp://gatehouse.example.org",
  ])("refuses %s as GATEHOUSE_URL", (url) => {
    expect(() => parseEnv({ ...minimal, GATEHOUSE_URL: url })).toThrow(/GATEHOUSE_URL/);
  });

  test("an error never shows a variable's value, which may hold a password", () => {
    const parse = () => parseEnv({ DATABASE_URL: "mysql://root:hunter2@db/x" });
    expect(parse).toThrow(/DATABASE_URL must begin with postgresql:/);
    expect(parse).not.toThrow(/hunter2/);
  });
});
