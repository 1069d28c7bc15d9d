import type { Release } from "@/lib/sshd-config/build";
import { maxInt } from "@/lib/sshd-config/number";

const units: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };

/**
 * A time interval in seconds: a sum of NUMBER[smhdw]; undefined when this release refuses it.
 *
 * Up to 8.3 a unit also multiplies the numbers behind it (`1m5s` is 360), up to 8.4 large values wrap.
 * Fractions are allowed from 10.3, for seconds only; see `parseFractionalTime`.
 *
 * @see OpenSSH misc.c:convtime
 */
export function parseTime(text: string, release: Release): number | undefined {
  if (release >= 1003) {
    const seconds = parseFractionalTime(text);
    return seconds === undefined || seconds > maxInt ? undefined : Math.trunc(seconds);
  }
  if (text === "") return undefined;
  const item = release >= 909 ? /^(\d+)(.?)/s : /^[ \t\n\v\f\r]*([+-]?\d+)(.?)/s;
  const limit = release < 805 ? 2n ** 63n - 1n : BigInt(maxInt);
  let total = 0n;
  let multiplier = 1n;
  let rest = text;
  while (rest !== "") {
    const read = item.exec(rest);
    if (!read) return undefined;
    const count = BigInt(read[1]!.replace(/^\+/, ""));
    const unit = read[2]!.toLowerCase();
    if (count < 0n || (unit !== "" && !units[unit])) return undefined;
    if (release >= 804) multiplier = 1n;
    if (unit !== "" && unit !== "s") multiplier = BigInt(units[unit]!);
    if (release < 805 ? count >= limit / multiplier : count > limit / multiplier) return undefined;
    total += count * multiplier;
    if (release < 805 ? total >= limit : total > limit) return undefined;
    rest = rest.slice(read[0].length);
  }
  return Number(BigInt.asIntN(32, total));
}

/**
 * Seconds with a fraction (`1.5`, `1m.5s`), from OpenSSH 10.3. The seconds item may occur once.
 *
 * @see OpenSSH misc.c:convtime_double
 */
export function parseFractionalTime(text: string): number | undefined {
  let total = 0;
  let seenSeconds = false;
  let rest = text;
  if (rest === "") return undefined;
  while (rest !== "") {
    const read = /^([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(.?)/s.exec(rest);
    if (!read) return undefined;
    const [all, number = "", unit = ""] = read;
    const factor = unit === "" ? 1 : units[unit.toLowerCase()];
    if (!factor) return undefined;
    if (factor === 1 && seenSeconds) return undefined;
    if (factor === 1) seenSeconds = true;
    if (number.includes(".") && (factor > 1 || number.endsWith("."))) return undefined;
    total += Number(number) * factor;
    rest = rest.slice(all.length);
  }
  return total;
}
