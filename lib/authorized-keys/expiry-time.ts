/** The value of `expiry-time`: a moment in the host's own zone unless it says UTC. */
export interface ExpiryTime {
  /** As written: "20270131", "202701312359Z". */
  readonly text: string;
  readonly isUtc: boolean;
  /** The digits read as if they were UTC, in seconds since 1970. Use `expiresAtSecond`. */
  readonly wallClockSecond: number;
}

/** `Z` and `UTC` behind the digits. */
const utcSinceRelease = 901;
/** Moments before 1970 are no error any more. */
const pastSinceRelease = 1004;
const lengths: ReadonlySet<number> = new Set([8, 12, 14]);

/**
 * Reads YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS with an optional `Z` or `UTC`.
 *
 * Days beyond the month's end run on into the next month, as in mktime(3): 20270231 is 3 March.
 *
 * @param release up to 9.0 the suffix is an error, up to 10.3 a moment before 1970
 * @returns undefined for anything else, which makes sshd ignore the line
 * @see misc.c:parse_absolute_time
 */
export function parseExpiryTime(text: string, release: number): ExpiryTime | undefined {
  const suffix = release >= utcSinceRelease ? (/(Z|UTC)$/i.exec(text)?.[0] ?? "") : "";
  const digits = text.slice(0, text.length - suffix.length);
  if (!lengths.has(digits.length)) return undefined;
  const ends = [4, 6, 8, 10, 12, 14].filter((end) => end <= digits.length);
  const fields = ends.map((end, index) => digits.slice(ends[index - 1] ?? 0, end));
  // Up to 9.0 nobody looks at what stands behind the last number.
  const last = fields.at(-1) ?? "";
  if (release < utcSinceRelease) fields[fields.length - 1] = /^ *\d+/.exec(last)?.[0] ?? last;
  // strptime(3) skips blanks before a number.
  if (!fields.every((field) => /^ *\d+$/.test(field))) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields.map(Number);
  const fits =
    month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour <= 23 && minute <= 59 && second <= 61;
  if (!fits) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const wallClockSecond = date.getTime() / 1000;
  if (wallClockSecond === 0 || (wallClockSecond < 0 && release < pastSinceRelease)) return undefined;
  return { text, isUtc: suffix !== "", wallClockSecond };
}

/**
 * The last second of the key, in seconds since 1970: sshd refuses it from the next one on.
 *
 * Before 1970 counts as never, as the unsigned comparison of sshd 10.4 has it.
 *
 * @param zoneMinutes offset of the host's zone east of UTC; sshd takes that of the day itself, so that near a change
 *   of summer time the answer may be an hour off
 */
export function expiresAtSecond(expiry: ExpiryTime, zoneMinutes: number): number {
  const second = expiry.wallClockSecond - (expiry.isUtc ? 0 : zoneMinutes * 60);
  return second < 0 ? Number.POSITIVE_INFINITY : second;
}

/** The earliest of several, which is the one that counts; undefined when there is none. */
export function earliestExpirySecond(
  expiries: readonly ExpiryTime[],
  zoneMinutes: number,
): number | undefined {
  if (expiries.length === 0) return undefined;
  return Math.min(...expiries.map((expiry) => expiresAtSecond(expiry, zoneMinutes)));
}
