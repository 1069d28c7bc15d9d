import { afterEach, expect, test, vi } from "vitest";

async function check(url: string, headers: Record<string, string>): Promise<string> {
  vi.resetModules();
  vi.stubEnv("DATABASE_URL", "postgresql://x@localhost/x");
  vi.stubEnv("GATEHOUSE_URL", url);
  const { checkWrite } = await import("@/lib/http/check-write");
  try {
    checkWrite(new Headers(headers));
    return "passes";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}

afterEach(() => {
  vi.unstubAllEnvs();
});

const https = "https://gatehouse.example.org";

test.each([
  ["our own page", https, { origin: https, "sec-fetch-site": "same-origin" }, "passes"],
  [
    "our own page on localhost",
    "http://localhost:3000",
    { origin: "http://localhost:3000", "sec-fetch-site": "same-origin" },
    "passes",
  ],
  [
    "our own page on a plain http address, where browsers send no Sec-Fetch-Site",
    "http://gatehouse.lan",
    { origin: "http://gatehouse.lan" },
    "passes",
  ],
  [
    "a plain http address with a wrong Sec-Fetch-Site",
    "http://gatehouse.lan",
    { origin: "http://gatehouse.lan", "sec-fetch-site": "cross-site" },
    "forbidden",
  ],
  [
    "http in place of https",
    https,
    { origin: "http://gatehouse.example.org", "sec-fetch-site": "same-origin" },
    "forbidden",
  ],
  [
    "a subdomain",
    https,
    { origin: "https://a.gatehouse.example.org", "sec-fetch-site": "same-site" },
    "forbidden",
  ],
  [
    "a name that begins like ours",
    https,
    { origin: "https://gatehouse.example.org.evil.example" },
    "forbidden",
  ],
  ["another port", https, { origin: `${https}:8443`, "sec-fetch-site": "same-site" }, "forbidden"],
  ["no Origin", https, { "sec-fetch-site": "same-origin" }, "forbidden"],
  ["no Sec-Fetch-Site over https", https, { origin: https }, "forbidden"],
  [
    "no Sec-Fetch-Site on localhost",
    "http://127.0.0.1:3000",
    { origin: "http://127.0.0.1:3000" },
    "forbidden",
  ],
])("%s", async (_, url, headers, expected) => {
  expect(await check(url, { ...headers })).toBe(expected);
});
