import type { JobName, JobPayload } from "@/lib/jobs/catalogue";

/** What a running job knows besides its payload. */
export interface JobContext {
  /** This worker process, as in the table Worker. */
  readonly workerId: string;
  /** 1 on the first run. A job that begins again finds what the earlier run left. */
  readonly attempt: number;
  /** No further attempt follows: write down the failure now. */
  readonly isLastAttempt: boolean;
  /** Aborted when the worker stops: end soon, the job begins again elsewhere. */
  readonly signal: AbortSignal;
  /** Opens what the web process sealed to this worker's memory. @throws AppError when it was sealed to another */
  openBox(sealed: Uint8Array, context: string): Buffer;
}

/** Throwing means "try again later" until the attempts are spent; a failure that is known is written down instead. */
export type JobHandler<Name extends JobName> = (
  payload: JobPayload<Name>,
  context: JobContext,
) => Promise<void>;

/** The jobs that one feature handles. */
export type JobHandlers<Names extends JobName = JobName> = { readonly [Name in Names]: JobHandler<Name> };
