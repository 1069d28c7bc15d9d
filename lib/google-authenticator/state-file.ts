/** One line of a state file, byte for byte: `text` and `end` are all of it. */
export interface StateLine {
  /** "option": `" NAME arguments`; "scratch": eight digits, or what the agent shows instead of them. */
  readonly kind: "secret" | "option" | "scratch" | "other";
  readonly text: string;
  readonly end: "" | "\n" | "\r\n";
}

/** What pam_google_authenticator keeps of an account: settings, notes and scratch codes below the secret. */
export interface StateFile {
  readonly lines: readonly StateLine[];
}

/** What a state file says. */
export interface StateSummary {
  /** "hidden": the agent does not tell secrets, but one of the right shape is there. */
  readonly secret: "valid" | "hidden" | "invalid";
  /** Without a mode line every code is refused. */
  readonly kind: "totp" | "hotp" | null;
  /** The next counter that the module takes; null for TOTP. */
  readonly counter: number | null;
  /** Codes that count: with 3 the one before, now and after; for HOTP how many from the counter on. */
  readonly windowSize: number;
  readonly stepSeconds: number;
  readonly rateLimit: { readonly attempts: number; readonly seconds: number } | null;
  /** When logins were last tried, in seconds of Unix time: the module's notes for the rate limit. */
  readonly attemptedAt: readonly number[];
  readonly refusesReuse: boolean;
  /** Time steps whose code was used, as far as the module still remembers them. */
  readonly usedSteps: readonly number[];
  readonly scratchCodes: number;
  /** The id of our own last writing, which the module keeps; null: not our work. */
  readonly writtenBy: string | null;
}

/** What stands in place of a secret and of a scratch code in what the agent shows. */
const hiddenSecret = "-";
const hiddenScratch = "--------";
const defaultWindow = 3;
const defaultStepSeconds = 30;

/**
 * A state file as its lines; total and lossless: `printStateFile(parseStateFile(text)) === text`.
 *
 * @see pam_google_authenticator.c of google-authenticator-libpam: what it does not know it keeps
 */
export function parseStateFile(text: string): StateFile {
  const lines: StateLine[] = [];
  for (const [whole, body = "", end = ""] of text.matchAll(/([^\n]*?)(\r\n|\n|$)/g)) {
    if (whole === "") continue;
    lines.push({ kind: kindOf(body, lines.length), text: body, end: end as StateLine["end"] });
  }
  return { lines };
}

/** The text again. */
export function printStateFile({ lines }: StateFile): string {
  return lines.map(({ text, end }) => text + end).join("");
}

/** What the file says, as the module understands it: of two lines with one name the first counts. */
export function summarizeStateFile(file: StateFile): StateSummary {
  const totp = optionOf(file, "TOTP_AUTH") !== undefined;
  const counter = numbersOf(file, "HOTP_COUNTER")[0] ?? null;
  const [attempts, seconds, ...attemptedAt] = numbersOf(file, "RATE_LIMIT");
  const usedSteps = numbersOf(file, "DISALLOW_REUSE");
  return {
    secret: secretStateOf(file),
    kind: totp ? "totp" : counter === null ? null : "hotp",
    counter: totp ? null : counter,
    windowSize: numbersOf(file, "WINDOW_SIZE")[0] ?? defaultWindow,
    stepSeconds: numbersOf(file, "STEP_SIZE")[0] ?? defaultStepSeconds,
    rateLimit: attempts && seconds ? { attempts, seconds } : null,
    attemptedAt,
    refusesReuse: optionOf(file, "DISALLOW_REUSE") !== undefined,
    usedSteps,
    scratchCodes: file.lines.filter(({ kind }) => kind === "scratch").length,
    writtenBy: optionOf(file, "GATEHOUSE")?.[0] ?? null,
  };
}

/** The arguments of an option; undefined when the file has no such line. */
function optionOf({ lines }: StateFile, name: string): readonly string[] | undefined {
  const line = lines.find(({ kind, text }) => kind === "option" && text.slice(2).split(/\s+/)[0] === name);
  return line?.text.slice(2).trim().split(/\s+/).slice(1);
}

function numbersOf(file: StateFile, name: string): number[] {
  return (optionOf(file, name) ?? []).filter((word) => /^\d{1,15}$/.test(word)).map(Number);
}

function kindOf(text: string, index: number): StateLine["kind"] {
  if (index === 0) return "secret";
  if (/^" [A-Z][A-Z_]*/.test(text)) return "option";
  return /^\d{8}$/.test(text) || text === hiddenScratch ? "scratch" : "other";
}

function secretStateOf({ lines }: StateFile): StateSummary["secret"] {
  const text = lines[0]?.text ?? "";
  if (text === hiddenSecret) return "hidden";
  return isUsableSecret(text) ? "valid" : "invalid";
}

/** Base32 as the module takes it: blanks and case do not matter; at least 80 bits, as it makes itself. */
export function isUsableSecret(text: string): boolean {
  const plain = text.replaceAll(" ", "").replace(/=+$/, "");
  return plain.length >= 16 && /^[A-Za-z2-7]+$/.test(plain);
}
