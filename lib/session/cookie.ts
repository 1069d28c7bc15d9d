import { env } from "@/lib/env";
import type { OpenedSession } from "@/lib/session/session";

type Kind = "session" | "visit";

/** A visit is what a browser begins before it is signed in; long enough for a slow set-up. */
const visitSeconds = 3600;

/**
 * A cookie's name.
 *
 * Over https the prefix `__Host-` makes the browser refuse one that was set by another host of the same domain, or
 * without TLS. On http://localhost it would refuse ours too; there the port keeps two installations apart.
 */
export function cookieName(kind: Kind, origin: string = env().origin): string {
  const { protocol, port } = new URL(origin);
  return protocol === "https:" ? `__Host-gatehouse-${kind}` : `gatehouse-${kind}-${port || "80"}`;
}

/** The value of a cookie in a `Cookie` header. */
export function readCookie(header: string | null, kind: Kind): string | undefined {
  const name = cookieName(kind);
  for (const pair of (header ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim() || undefined;
  }
  return undefined;
}

/** The `Set-Cookie` line that signs the browser in, or out when there is no session. */
export function sessionCookie(session: OpenedSession | null, now: Date): string {
  if (!session) return cookieLine("session", "", 0);
  const seconds = Math.max(0, Math.floor((session.endsAt.getTime() - now.getTime()) / 1000));
  return cookieLine("session", session.token.reveal(), seconds);
}

/** The `Set-Cookie` line that begins a visit. */
export function visitCookie(value: string): string {
  return cookieLine("visit", value, visitSeconds);
}

function cookieLine(kind: Kind, value: string, maxAgeSeconds: number): string {
  const secure = new URL(env().origin).protocol === "https:" ? "; Secure" : "";
  return `${cookieName(kind)}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure}`;
}
