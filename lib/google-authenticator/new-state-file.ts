import { isUsableSecret } from "@/lib/google-authenticator/state-file";

/** Where state files are kept unless the host's PAM says otherwise; agent.sh knows it as CODES_DIRECTORY. */
export const codesDirectory = "/var/lib/google-authenticator";

/** Scratch codes of a new file, as google-authenticator(1) makes. */
export const scratchCodeCount = 5;

/** So many of them left are a reason to make new ones. */
export const fewScratchCodes = 2;

/** What a new state file is made of. */
export interface NewStateFile {
  /** Base32 without padding. */
  readonly secret: string;
  readonly code:
    | { readonly kind: "totp"; readonly usedSteps: readonly number[] }
    | { readonly kind: "hotp"; readonly counter: number };
  /** Eight digits each. */
  readonly scratchCodes: readonly string[];
  /** [A-Za-z0-9_-]; stands in the line GATEHOUSE. */
  readonly writtenBy: string;
}

/** The codes one step before and after count too: a clock half a minute off, and a slow typist. */
const totpWindow = 3;
/** Codes of an HOTP token that may be skipped: it is pressed in a pocket, too. */
const hotpWindow = 10;
const attempts = 3;
const attemptSeconds = 30;

/**
 * The text of a state file for an account that has none: as `google-authenticator -t -d -r 3 -R 30 -w 3` writes it, with
 * the code that proved the enrolment used up already.
 *
 * @throws RangeError when a part would break the file: this is a bug of the caller, never what a person typed
 */
export function printNewStateFile({ secret, code, scratchCodes, writtenBy }: NewStateFile): string {
  if (!isUsableSecret(secret)) throw new RangeError("The secret is not base32 of at least 80 bits.");
  if (scratchCodes.some((scratch) => !isScratchCode(scratch)))
    throw new RangeError("A scratch code has eight digits.");
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(writtenBy)) throw new RangeError("The id of the writing is no id.");
  // With 0 the module takes the file for none of HOTP.
  if (code.kind === "hotp" && !(code.counter >= 1)) throw new RangeError("A counter is 1 or more.");
  const mode =
    code.kind === "totp"
      ? [`" WINDOW_SIZE ${totpWindow}`, `" DISALLOW_REUSE ${code.usedSteps.join(" ")}`, '" TOTP_AUTH']
      : [`" WINDOW_SIZE ${hotpWindow}`, `" HOTP_COUNTER ${code.counter}`];
  const lines = [
    secret,
    `" GATEHOUSE ${writtenBy}`,
    `" RATE_LIMIT ${attempts} ${attemptSeconds}`,
    ...mode,
    ...scratchCodes,
  ];
  return `${lines.join("\n")}\n`;
}

/** What the module takes for a scratch code: eight digits, the first no 0. */
export function isScratchCode(text: string): boolean {
  return /^[1-9]\d{7}$/.test(text);
}

/** A scratch code of four random bytes: 10000000 to 99999999. @param random a number from 0 to 2^32 - 1 */
export function scratchCodeOf(random: number): string {
  return String(10_000_000 + (random % 90_000_000));
}
