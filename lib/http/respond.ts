import { randomBytes } from "node:crypto";
import { AppError, type ErrorBody } from "@/lib/errors";
import { log } from "@/lib/log";

const noStore = { "cache-control": "no-store" };

/** An answer that is kept nowhere. */
export function respond(body: unknown, setCookies: readonly string[] = []): Response {
  const headers = new Headers(noStore);
  for (const line of setCookies) headers.append("set-cookie", line);
  return Response.json(body ?? {}, { headers });
}

/**
 * The answer to whatever was thrown: a refusal as `{error}`, with its own status; a bug as a reference only, under which
 * the log holds the rest.
 */
export function respondToError(error: unknown, request: Request): Response {
  const { pathname } = new URL(request.url);
  if (error instanceof AppError) {
    log.info("refused", {
      path: pathname,
      code: error.code,
      reason: error.message,
      ...(error.detail && { detail: error.detail }),
      ...(error.cause instanceof Error && { cause: error.cause.message }),
    });
    const headers = new Headers(noStore);
    if (error.retryAfterSeconds !== undefined) headers.set("retry-after", String(error.retryAfterSeconds));
    return Response.json({ error: error.toBody() }, { status: error.status, headers });
  }
  const reference = randomBytes(4).toString("hex");
  log.error("bug", { reference, method: request.method, path: pathname, error });
  const body: ErrorBody = {
    code: "internal",
    message: `Something went wrong in Gatehouse. Nothing was changed. Tell your admin the reference ${reference}; the log has the rest.`,
  };
  return Response.json({ error: body }, { status: 500, headers: noStore });
}
