const units = [
  { unit: "second", seconds: 1, below: 45 },
  { unit: "minute", seconds: 60, below: 45 * 60 },
  { unit: "hour", seconds: 3600, below: 22 * 3600 },
  { unit: "day", seconds: 86_400, below: 26 * 86_400 },
  { unit: "month", seconds: 2_629_800, below: 320 * 86_400 },
  { unit: "year", seconds: 31_557_600, below: Number.POSITIVE_INFINITY },
] as const;

const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/**
 * "just now", "3 minutes ago", "in 2 hours".
 *
 * @param at ISO 8601
 * @param now milliseconds since 1970
 */
export function relativeTime(at: string, now: number): string {
  const seconds = (Date.parse(at) - now) / 1000;
  if (Number.isNaN(seconds)) return at;
  if (Math.abs(seconds) < 5) return "just now";
  const step = units.find((unit) => Math.abs(seconds) < unit.below) ?? units[5];
  return words.format(Math.round(seconds / step.seconds), step.unit);
}

/** The moment to the second, in the reader's zone, which it names. */
export function exactTime(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  return date.toLocaleString("en-GB", {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  });
}

/** Seconds as a clock shows them: 47 → "0:47", 600 → "10:00". Never below zero. */
export function clockTime(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/**
 * How long after the beginning: 0 → "0 s", 2.34 → "+2.3 s", 75 → "+1:15", 7200 → "+2 h", 200000 → "+2 d".
 *
 * @param seconds never negative
 */
export function elapsed(seconds: number): string {
  if (seconds < 0.05) return "0 s";
  if (seconds < 60) return `+${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `+${clockTime(Math.floor(seconds))}`;
  return seconds < 86_400 ? `+${Math.floor(seconds / 3600)} h` : `+${Math.floor(seconds / 86_400)} d`;
}
