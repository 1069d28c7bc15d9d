/** Every refusal a person can meet: code → HTTP status. A code is part of the public API; do not rename one. */
export const errorStatus = {
  invalid: 400,
  unauthenticated: 401,
  step_up_required: 403,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  expired: 410,
  too_large: 413,
  throttled: 429,
  unavailable: 503,
  /** A bug of ours. Only the door says it, with the reference of the log line. */
  internal: 500,
} as const;

export type ErrorCode = keyof typeof errorStatus;

/** What a refused person may read: a code, one sentence with what to do next, and the fields at fault. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  /** Input path ("host.port") → what is wrong with it. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Seconds to wait, with `throttled`. */
  readonly retryAfterSeconds?: number;
}

/**
 * A refusal: expected, explained, and safe to show.
 *
 * Anything else that is thrown is a bug; the door logs it under a reference and shows only that.
 * Where the actor may not read the thing, the code is `not_found`, never `forbidden`.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly fields: Readonly<Record<string, string>> | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** For the log only. */
  readonly detail: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      detail?: string;
      fields?: Record<string, string>;
      retryAfterSeconds?: number;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.fields = options.fields;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.detail = options.detail;
  }

  get status(): number {
    return errorStatus[this.code];
  }

  toBody(): ErrorBody {
    return {
      code: this.code,
      message: this.message,
      ...(this.fields && { fields: this.fields }),
      ...(this.retryAfterSeconds !== undefined && { retryAfterSeconds: this.retryAfterSeconds }),
    };
  }
}
