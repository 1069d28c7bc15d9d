import type { OpenedSession } from "@/lib/session/session";

/**
 * A use case's answer that also changes the browser's session cookie.
 *
 * The token travels apart from the body, as a `Secret`: it can reach the cookie, and cannot reach the JSON.
 */
export class SessionAnswer<Body> {
  private constructor(
    readonly body: Body,
    /** The session whose token the cookie becomes; null: the cookie is taken away. */
    readonly session: OpenedSession | null,
  ) {}

  /** Signed in, or stepped up: the cookie becomes this session's token. */
  static opened<Body>(session: OpenedSession, body: Body): SessionAnswer<Body> {
    return new SessionAnswer(body, session);
  }

  /** Signed out. */
  static closed(): SessionAnswer<Record<string, never>> {
    return new SessionAnswer({}, null);
  }
}
