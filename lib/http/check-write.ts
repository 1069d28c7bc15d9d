import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";

/**
 * Refuses a write that our own pages did not send (cross-site request forgery).
 *
 * Both headers are the browser's own, and no page can set them. Missing is refused as well as wrong: Next lets a request
 * without Origin through, and a cookie is sent with it. Browsers leave Sec-Fetch-Site out where the site is neither
 * https nor localhost; there Origin alone decides.
 *
 * @throws AppError `forbidden`
 */
export function checkWrite(headers: Headers): void {
  const { origin } = env();
  const sent = headers.get("origin");
  if (sent !== origin)
    throw refused(
      sent === null
        ? "This request does not say which page sent it."
        : `This request came from another address than ${origin}. Open Gatehouse by that address.`,
      `Origin: ${sent}`,
    );
  const site = headers.get("sec-fetch-site");
  const absent = site === null && !isTrustworthy(origin);
  if (site !== "same-origin" && !absent)
    throw refused("This request was not sent by a page of Gatehouse.", `Sec-Fetch-Site: ${site}`);
}

/** @see W3C Secure Contexts, "potentially trustworthy origin" */
function isTrustworthy(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  return (
    protocol === "https:" ||
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127\./.test(hostname)
  );
}

function refused(message: string, detail: string): AppError {
  return new AppError("forbidden", message, { detail: `cross-site request: ${detail}` });
}
