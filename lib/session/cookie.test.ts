import { afterEach, describe, expect, test, vi } from "vitest";
import { Secret } from "@/lib/secrets/secret";

const session = { sessionId: "s", token: new Secret("TOKEN"), endsAt: new Date(604_800_000) };

async function withOrigin(url: string) {
  vi.resetModules();
  vi.stubEnv("DATABASE_URL", "postgresql://x@localhost/x");
  vi.stubEnv("GATEHOUSE_URL", url);
  return import("@/lib/session/cookie");
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("the session's cookie", () => {
  test("over https is bound to this host, sent by TLS only, and seen by no script", async () => {
    const { sessionCookie } = await withOrigin("https://gatehouse.example.org");
    expect(sessionCookie(session, new Date(0))).toBe(
      "__Host-gatehouse-session=TOKEN; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict; Secure",
    );
  });

  test("on http://localhost has a name that the browser takes, one for each port", async () => {
    const { sessionCookie } = await withOrigin("http://localhost:3000");
    expect(sessionCookie(session, new Date(0))).toBe(
      "gatehouse-session-3000=TOKEN; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict",
    );
  });

  test("is taken away at sign-out, by the same name and path", async () => {
    const { sessionCookie } = await withOrigin("https://gatehouse.example.org");
    expect(sessionCookie(null, new Date(0))).toMatch(/^__Host-gatehouse-session=; Path=\/; Max-Age=0;/);
  });

  test.each([
    ["among others", "a=1; gatehouse-session-3000=T; b=2", "T"],
    ["not by a longer name", "xgatehouse-session-3000=T; gatehouse-session-30001=U", undefined],
    ["not when it is empty", "gatehouse-session-3000=", undefined],
    ["not from nothing", null, undefined],
  ])("is read %s", async (_, header, value) => {
    const { readCookie } = await withOrigin("http://localhost:3000");
    expect(readCookie(header, "session")).toBe(value);
  });
});
