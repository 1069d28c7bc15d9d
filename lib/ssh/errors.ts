/** How a connection over SSH can fail; every place that shows or counts failures knows exactly these. */
export type SshFailure =
  | "unreachable"
  | "refused"
  | "timed-out"
  | "host-key-changed"
  | "host-key-unsupported"
  | "authentication-refused"
  | "bad-credential"
  | "cut-before-banner"
  | "handshake-failed"
  | "channel-refused"
  | "connection-lost"
  | "too-much-output";

/** A host key as the other side offered it: type and raw blob. */
export interface OfferedKey {
  readonly type: string;
  readonly blob: Uint8Array;
}

/** A failure of SSH itself, told in one sentence for people. What the host answered is not in here. */
export class SshError extends Error {
  readonly failure: SshFailure;
  /** With "host-key-changed": what was offered instead of the pin, when it came that far. */
  readonly offered: OfferedKey | undefined;

  constructor(failure: SshFailure, message: string, options: { offered?: OfferedKey; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "SshError";
    this.failure = failure;
    this.offered = options.offered;
  }
}
