import { generateSync, generateURI } from "otplib";

/** Codes ahead of where a token is expected that are searched when two codes of it are entered. */
export const resyncLookAhead = 1000;

/** The six digits of a counter. @see RFC 4226, section 5.3 */
export function hotpCode(secret: string, counter: number): string {
  return generateSync({ strategy: "hotp", secret, counter });
}

/** The otpauth: URI that a QR code carries; the app counts from `counter`. */
export function hotpUri(
  secret: string,
  { issuer, login, counter }: { issuer: string; login: string; counter: number },
): string {
  return generateURI({ strategy: "hotp", issuer, label: login, secret, counter });
}

/**
 * The counter whose code this is.
 *
 * @param from the first counter that is looked at; `count` how many
 * @returns undefined when it is none of them, or no six digits
 */
export function findCounter(secret: string, code: string, from: number, count: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  for (let counter = from; counter < from + count; counter++)
    if (hotpCode(secret, counter) === code) return counter;
  return undefined;
}

/**
 * The next counter of a token that shows these two codes one after the other.
 *
 * Two, because one of a thousand codes is guessed easily: RFC 4226, section 7.4.
 *
 * @param from the first counter that is looked at
 */
export function findNextCounter(
  secret: string,
  [first, second]: readonly [string, string],
  from: number,
): number | undefined {
  if (!/^\d{6}$/.test(first) || !/^\d{6}$/.test(second)) return undefined;
  let before = hotpCode(secret, from);
  for (let counter = from; counter < from + resyncLookAhead; counter++) {
    const after = hotpCode(secret, counter + 1);
    if (before === first && after === second) return counter + 2;
    before = after;
  }
  return undefined;
}
