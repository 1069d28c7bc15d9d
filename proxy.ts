import { randomBytes } from "node:crypto";
import { type NextRequest, NextResponse } from "next/server";
import { env } from "@/lib/env";

/**
 * Headers for every answer, and the nonce of every page. Never authorization: each use case guards itself, and the
 * tests run without this file as well.
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = randomBytes(16).toString("base64");
  const policy = contentSecurityPolicy(nonce);
  const headers = new Headers(request.headers);
  // Next reads the nonce from here and stamps its own scripts with it.
  headers.set("content-security-policy", policy);
  headers.set("x-nonce", nonce);
  headers.set("x-gatehouse-path", request.nextUrl.pathname + request.nextUrl.search);
  const response = NextResponse.next({ request: { headers } });
  for (const [name, value] of Object.entries(securityHeaders(policy))) response.headers.set(name, value);
  // Files under _next/static are named by their content and hold nothing of anybody.
  if (!request.nextUrl.pathname.startsWith("/_next/static/"))
    response.headers.set("cache-control", "no-store");
  return response;
}

/** Scripts run only when they carry the nonce, or were loaded by one that did; nothing comes from another site. */
function contentSecurityPolicy(nonce: string): string {
  const development = env().mode === "development" ? " 'unsafe-eval'" : ""; // React's stack traces in development
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development}`,
    // Editor and toasts make style elements of their own; styles cannot run code.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function securityHeaders(policy: string): Record<string, string> {
  return {
    "content-security-policy": policy,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY", // for what does not know frame-ancestors
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy":
      "camera=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-create=(self), publickey-credentials-get=(self)",
    ...(env().origin.startsWith("https:") && { "strict-transport-security": "max-age=31536000" }),
  };
}
