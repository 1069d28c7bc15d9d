import type { StateFile, StateLine } from "@/lib/google-authenticator/state-file";

/**
 * The file with another HOTP counter; every other line stays.
 *
 * @returns null when it is no HOTP file
 */
export function setCounter(file: StateFile, counter: number): StateFile | null {
  const isCounter = ({ kind, text }: StateLine) => kind === "option" && /^" HOTP_COUNTER(\s|$)/.test(text);
  if (!file.lines.some(isCounter)) return null;
  return {
    lines: file.lines.map((line) =>
      isCounter(line) ? { ...line, text: `" HOTP_COUNTER ${counter}` } : line,
    ),
  };
}

/** The file with these scratch codes instead of its own, at its end; every other line stays. */
export function replaceScratchCodes(file: StateFile, scratchCodes: readonly string[]): StateFile {
  const kept = file.lines.filter(({ kind }) => kind !== "scratch");
  const last = kept.at(-1);
  const whole = last && last.end === "" ? [...kept.slice(0, -1), { ...last, end: "\n" as const }] : kept;
  const fresh = scratchCodes.map((text) => ({ kind: "scratch" as const, text, end: "\n" as const }));
  return { lines: [...whole, ...fresh] };
}
