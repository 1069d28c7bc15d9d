import { generateSync, generateURI, ScureBase32Plugin, verifySync } from "otplib";

/** RFC 6238 with what every authenticator app supports: SHA-1, six digits, steps of 30 seconds. */
export const stepSeconds = 30;
/** One step to either side: a clock that is up to half a minute off, and a slow typist. */
const toleranceSeconds = 30;

/** 160 bits, as RFC 4226 (section 4, R6) recommends. */
export const secretBytes = 20;

const base32 = new ScureBase32Plugin();

/** A secret in base32, as apps take it. @param random `secretBytes` random bytes */
export function encodeTotpSecret(random: Uint8Array): string {
  return base32.encode(random, { padding: false });
}

/** The secret in groups of four, for people who type it. */
export function groupTotpSecret(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(" ") ?? "";
}

/** The otpauth: URI that a QR code carries. @see the Key URI format of Google Authenticator */
export function totpUri(secret: string, { issuer, login }: { issuer: string; login: string }): string {
  return generateURI({ issuer, label: login, secret });
}

/** The six digits that an app shows for this secret. @param epochSeconds the moment at which it shows them */
export function totpCode(secret: string, epochSeconds: number): string {
  return generateSync({ secret, epoch: epochSeconds, period: stepSeconds });
}

/**
 * The time step that a code belongs to, or undefined when the code is wrong, malformed or older than `afterTimeStep`.
 *
 * Remembers nothing: the caller stores the step by compare-and-set, so that a code is used once.
 *
 * @param epochSeconds the moment of the check
 * @param afterTimeStep the last step that was used (0: none)
 */
export function findTimeStep(
  secret: string,
  code: string,
  epochSeconds: number,
  afterTimeStep: number,
): number | undefined {
  // otplib throws on a malformed code; a person's typing error is no exception.
  if (!/^\d{6}$/.test(code)) return undefined;
  const result = verifySync({
    secret,
    token: code,
    epoch: epochSeconds,
    epochTolerance: toleranceSeconds,
    period: stepSeconds,
    ...(afterTimeStep > 0 && { afterTimeStep }),
  });
  return result.valid && "timeStep" in result ? result.timeStep : undefined;
}
