import type { Origin } from "@/lib/usecase";

/** Written by the web process from the socket (or from trusted proxies), over whatever the client sent (scripts/web.mjs). */
const addressHeader = "x-gatehouse-client-address";

/** Where a request comes from. */
export function clientOf(headers: Headers): Origin {
  return {
    address: headers.get(addressHeader) ?? "unknown",
    userAgent: (headers.get("user-agent") ?? "").slice(0, 300),
  };
}
