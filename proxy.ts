import { randomBytes } from "node:crypto";
import { type NextRequest, NextResponse } from "next/server";
import { env } from "@/lib/env";
import { contentSecurityPolicy, securityHeaders } from "@/lib/http/security-headers";

/**
 * Headers for every answer, and the nonce of every page. Never authorization: each use case guards itself, and the
 * tests run without this file as well.
 */
export function proxy(request: NextRequest): NextResponse {
  const { origin, mode } = env();
  const installation = { origin, development: mode === "development" };
  const nonce = randomBytes(16).toString("base64");
  const policy = contentSecurityPolicy(nonce, installation);
  const headers = new Headers(request.headers);
  // Next reads the nonce from here and stamps its own scripts with it.
  headers.set("content-security-policy", policy);
  headers.set("x-nonce", nonce);
  headers.set("x-gatehouse-path", request.nextUrl.pathname + request.nextUrl.search);
  const response = NextResponse.next({ request: { headers } });
  for (const [name, value] of Object.entries(securityHeaders(policy, installation)))
    response.headers.set(name, value);
  // Files under _next/static are named by their content and hold nothing of anybody.
  if (!request.nextUrl.pathname.startsWith("/_next/static/"))
    response.headers.set("cache-control", "no-store");
  return response;
}
