import { randomBytes } from "node:crypto";
import { AppError } from "@/lib/errors";
import {
  printNewStateFile,
  scratchCodeCount,
  scratchCodeOf,
} from "@/lib/google-authenticator/new-state-file";
import { findCounter, hotpUri } from "@/lib/otp/hotp";
import { encodeTotpSecret, findTimeStep, secretBytes, totpUri } from "@/lib/otp/totp";
import { Secret } from "@/lib/secrets/secret";
import { webSealer } from "@/lib/secrets/web-sealer";

type Kind = "totp" | "hotp";

const secretPlace = (codeId: string) => ({ table: "HostCode", column: "secretSealed", row: codeId });
const scratchPlace = (codeId: string) => ({ table: "HostCode", column: "scratchSealed", row: codeId });

/** Counters that a new token may stand at: some apps begin with 0, some with 1, some people press often. */
const firstCounters = 20;

/** A fresh secret; nothing is stored. */
export function makeCodeSecret(): string {
  return encodeTotpSecret(randomBytes(secretBytes));
}

/** Fresh scratch codes, as the module takes them. */
export function makeScratchCodes(): string[] {
  const codes = new Set<string>();
  while (codes.size < scratchCodeCount) codes.add(scratchCodeOf(randomBytes(4).readUInt32BE()));
  return [...codes];
}

/** The otpauth: URI for an app: named by the host, and by the account on it. */
export function codeUri(
  secret: string,
  kind: Kind,
  { issuer, login }: { issuer: string; login: string },
): string {
  return kind === "totp"
    ? totpUri(secret, { issuer, login })
    : hotpUri(secret, { issuer, login, counter: 1 });
}

/**
 * Where a code that proves a new secret stands: its time step, or the counter after it.
 *
 * @throws AppError `invalid` when it is no code of the secret
 */
export function provePosition(secret: string, kind: Kind, code: string, now: Date): number {
  const found =
    kind === "totp"
      ? findTimeStep(secret, code, now.getTime() / 1000, 0)
      : findCounter(secret, code, 0, firstCounters);
  if (found === undefined)
    throw new AppError(
      "invalid",
      kind === "totp"
        ? "This code is not right. Check the clock of your phone, and type the next code."
        : "This code is not right. Type the code that the app shows for this entry now.",
      { fields: { code: "Not a code of this secret." } },
    );
  return kind === "totp" ? found : found + 1;
}

/**
 * The state file for a host.
 *
 * @param position as `provePosition` gives it
 * @param usedSteps further time steps whose codes do not count
 */
export function stateFileText(
  { secret, kind, position }: { secret: string; kind: Kind; position: number },
  scratchCodes: readonly string[],
  writtenBy: string,
  usedSteps: readonly number[] = [],
): string {
  const code =
    kind === "totp"
      ? ({ kind, usedSteps: [position, ...usedSteps] } as const)
      : ({ kind, counter: Math.max(1, position) } as const);
  return printNewStateFile({ secret, code, scratchCodes, writtenBy });
}

export function sealCodeSecret(codeId: string, secret: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(webSealer().sealText(secretPlace(codeId), new Secret(secret)));
}

/** @throws AppError `conflict` when it was forgotten with its last host */
export function openCodeSecret({ id, secretSealed }: { id: string; secretSealed: Uint8Array }): string {
  if (secretSealed.length === 0)
    throw new AppError("conflict", "These codes were revoked. Enrol anew to use codes there again.");
  return webSealer().openText(secretPlace(id), secretSealed).reveal();
}

export function sealScratchCodes(codeId: string, codes: readonly string[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(webSealer().sealText(scratchPlace(codeId), new Secret(codes.join(" "))));
}

/** The scratch codes that no host has yet; null when every host has its own. */
export function openScratchCodes(code: { id: string; scratchSealed: Uint8Array | null }): string[] | null {
  if (!code.scratchSealed) return null;
  return webSealer().openText(scratchPlace(code.id), code.scratchSealed).reveal().split(" ");
}
