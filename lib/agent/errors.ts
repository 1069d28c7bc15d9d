/** The agent's own refusals: the closed list of agent/README.md. */
export const agentErrorCodes = [
  "protocol",
  "version",
  "busy",
  "pending",
  "replay",
  "conflict",
  "unknown-file",
  "too-large",
  "no-space",
  "check-failed",
  "locks-us-out",
  "not-applied",
  "late",
  "nonce",
  "stale-login",
  "not-loaded",
  "file-changed",
  "no-reload",
  "refused",
  "internal",
] as const;
export type AgentErrorCode = (typeof agentErrorCodes)[number];

/**
 * The agent refused, or its answer was none ("malformed": not the wire of agent/README.md, too long, cut off).
 *
 * The message of a refusal is the host's own text: show it, never interpret it.
 */
export class AgentError extends Error {
  readonly code: AgentErrorCode | "malformed";
  /** What came on stderr, bounded; the host's own text. */
  readonly hostText: string;

  constructor(code: AgentErrorCode | "malformed", message: string, hostText = "") {
    super(message);
    this.name = "AgentError";
    this.code = code;
    this.hostText = hostText;
  }
}
