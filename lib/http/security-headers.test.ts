import { expect, test } from "vitest";
import { contentSecurityPolicy, securityHeaders } from "@/lib/http/security-headers";

const production = { origin: "https://gatehouse.example.org", development: false };

test("a page runs only scripts with its nonce, none in line, none by eval", () => {
  const policy = contentSecurityPolicy("N0NCE", production);
  const scripts = policy.split("; ").find((directive) => directive.startsWith("script-src "));
  expect(scripts).toBe("script-src 'self' 'nonce-N0NCE' 'strict-dynamic'");
  expect(policy).toContain("default-src 'self'");
  expect(policy).toContain("base-uri 'none'");
  expect(policy).toContain("object-src 'none'");
});

test("no other site may show a page, hold its window, or learn its address", () => {
  const headers = securityHeaders(contentSecurityPolicy("N", production), production);
  expect(headers).toMatchObject({
    "content-security-policy": expect.stringContaining("frame-ancestors 'none'"),
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
  });
});

test("https is asked for from then on, where it is used", () => {
  expect(securityHeaders("", production)).toHaveProperty("strict-transport-security");
  const plain = { ...production, origin: "http://localhost:3000" };
  expect(securityHeaders("", plain)).not.toHaveProperty("strict-transport-security");
});
