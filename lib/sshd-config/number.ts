/** Largest C int. */
export const maxInt = 2147483647;

export type NumberError = "missing" | "invalid" | "too small" | "too large";

/**
 * A decimal number within bounds, or the word sshd puts into its message.
 *
 * Leading white space and one sign are allowed, nothing behind the digits.
 *
 * @see strtonum(3), OpenSSH misc.c:atoi_err
 */
export function parseDecimal(text: string, min: number, max: number): number | NumberError {
  const few = fewDigits(text);
  if (few >= 0) return few < min ? "too small" : few > max ? "too large" : few;
  if (!/^[ \t\n\v\f\r]*[+-]?\d+$/.test(text)) return "invalid";
  const value = BigInt(text.replace(/^[ \t\n\v\f\r]*\+?/, ""));
  if (value < BigInt(min)) return "too small";
  if (value > BigInt(max)) return "too large";
  return Number(value);
}

/** The number that up to nine digits are; -1 for any other text. */
function fewDigits(text: string): number {
  if (text.length === 0 || text.length > 9) return -1;
  let number = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/** As sscanf("%d:%d:…"): the numbers read before the first thing that does not fit; what follows is ignored. */
export function scanNumbers(text: string, count: number): number[] {
  const numbers: number[] = [];
  let rest = text;
  while (numbers.length < count) {
    const read = /^[ \t\n\v\f\r]*([+-]?\d+)/.exec(rest);
    if (!read) return numbers;
    numbers.push(clampToInt(BigInt(read[1]!.replace(/^\+/, ""))));
    rest = rest.slice(read[0].length);
    if (numbers.length < count && !rest.startsWith(":")) return numbers;
    rest = rest.slice(1);
  }
  return numbers;
}

/** strtol(3) stops at the bounds of a long; storing that in an int keeps its low 32 bits. */
function clampToInt(value: bigint): number {
  const max = 2n ** 63n - 1n;
  const long = value > max ? max : value < -max - 1n ? -max - 1n : value;
  return Number(BigInt.asIntN(32, long));
}

/**
 * A size with an optional fraction and scale letter (K M G T P E), as RekeyLimit takes it.
 *
 * @returns bytes; or "invalid" / "out of range"
 * @see fmt_scaled.c:scan_scaled
 */
export function parseSize(text: string): bigint | "invalid" | "out of range" {
  const read = /^[ \t\n\v\f\r]*([+-]?)([0-9]*)(?:\.([0-9]*))?/.exec(text)!;
  const [all, sign, whole = "", fraction = ""] = read;
  const rest = text.slice(all.length);
  if (/^[+-]/.test(text.slice(all.length - whole.length)) || rest.startsWith(".")) return "invalid";
  const max = 2n ** 63n - 1n;
  if (whole.length >= 21 || BigInt(whole || "0") > max) return "out of range";
  const signed = BigInt(whole || "0") * (sign === "-" ? -1n : 1n);
  if (rest === "") return signed;
  const power = "BKMGTPE".indexOf(rest[0]!.toUpperCase());
  if (power < 0 || /^.[0-9A-Za-z]/.test(rest)) return "invalid";
  const factor = 1024n ** BigInt(power);
  if (signed * factor > max || signed * factor < -max - 1n) return "out of range";
  const digits = fraction.slice(0, 19);
  const part = digits === "" ? 0n : (BigInt(digits) * factor) / 10n ** BigInt(digits.length);
  return signed * factor + (signed >= 0n ? part : -part);
}
