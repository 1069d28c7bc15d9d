import { AppError } from "@/lib/errors";

/** A ceremony's answer that does not hold. The person reads one sentence; which check failed stands in the log. */
export function ceremonyRefused(detail: string, cause?: unknown): AppError {
  return new AppError(
    "unauthenticated",
    "This key was not accepted. Try again, with a key that is registered here.",
    { detail, cause },
  );
}
