import { isIPv6 } from "node:net";
import type { Db } from "@/lib/db/client";
import { AppError } from "@/lib/errors";

/** How many guesses, and what follows. */
export interface Limit {
  /** Attempts without any delay. */
  readonly free: number;
  /** A counter is forgotten this long after the last attempt that was let through. */
  readonly windowSeconds: number;
  /** The delay doubles from one second at the first attempt too many, up to this. */
  readonly longestDelaySeconds: number;
}

/**
 * What is counted apart.
 *
 * Every delay ends by itself and none is longer than a quarter of an hour, so that nobody is kept out for good by
 * somebody else's guesses: not even the only owner. A passkey and a recovery code cannot be guessed; they are not
 * counted against the person at all, so they stay open while a password or a code is under attack.
 */
const limits = {
  password: { free: 10, windowSeconds: 86_400, longestDelaySeconds: 900 },
  code: { free: 10, windowSeconds: 86_400, longestDelaySeconds: 900 },
  /** Many people may share one address (an office); a guesser of names and tokens does not get far with this. */
  address: { free: 50, windowSeconds: 3600, longestDelaySeconds: 300 },
} as const satisfies Record<string, Limit>;

export type ThrottleKind = keyof typeof limits;

/** One counter: what is guessed, and whose (a person's id, the hash of a login, an address). */
export interface ThrottleKey {
  readonly kind: ThrottleKind;
  readonly subject: string;
}

/** The counter of a client's address. An IPv6 host owns its /64 and can change within it at will. */
export function addressThrottle(address: string): ThrottleKey {
  return { kind: "address", subject: isIPv6(address) ? prefixOf(address) : address };
}

function prefixOf(address: string): string {
  const [head = "", tail] = address.toLowerCase().split("%")[0]!.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail ? tail.split(":") : [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(zeros).fill("0"), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}

/**
 * Counts one attempt against each key, before it is checked: parallel guesses cannot slip through together.
 *
 * @throws AppError `throttled` with the seconds to wait; the attempt is counted all the same
 */
export async function countAttempt(db: Db, keys: readonly ThrottleKey[], now: Date): Promise<void> {
  for (const key of keys) {
    const waitSeconds = await countOne(db, key, now);
    if (waitSeconds > 0)
      throw new AppError(
        "throttled",
        `Too many attempts. Try again in ${waitInWords(waitSeconds)}${key.kind === "address" ? "" : ", or use a passkey"}.`,
        { retryAfterSeconds: waitSeconds, detail: keyText(key) },
      );
  }
}

/** An attempt that was right: a person's counters begin anew; an address gets the one attempt back. */
export async function forgiveAttempt(db: Db, keys: readonly ThrottleKey[]): Promise<void> {
  for (const key of keys) {
    if (key.kind === "address")
      await db.throttle.updateMany({
        where: { key: keyText(key), failures: { gt: 0 } },
        data: { failures: { decrement: 1 } },
      });
    else await db.throttle.deleteMany({ where: { key: keyText(key) } });
  }
}

/** What is kept of one counter. */
export interface Counter {
  readonly failures: number;
  readonly windowEndsAt: Date;
  readonly blockedUntil: Date | null;
}

/**
 * The counter after one more attempt, and the seconds that this attempt must wait (0: it is let through).
 *
 * Every attempt is counted; only one that was let through sets a delay, so that knocking during a delay does not
 * lengthen it.
 */
export function nextCount(before: Counter, limit: Limit, now: Date): { after: Counter; waitSeconds: number } {
  const windowEndsAt = new Date(now.getTime() + limit.windowSeconds * 1000);
  const fresh = before.windowEndsAt <= now;
  const failures = fresh ? 1 : before.failures + 1;
  if (!fresh && before.blockedUntil && before.blockedUntil > now) {
    const waitSeconds = Math.ceil((before.blockedUntil.getTime() - now.getTime()) / 1000);
    return { after: { ...before, failures }, waitSeconds };
  }
  const tooMany = failures - limit.free;
  // Beyond 2^30 seconds the longest delay has long been reached.
  const delaySeconds = tooMany < 0 ? 0 : Math.min(limit.longestDelaySeconds, 2 ** Math.min(tooMany, 30));
  const blockedUntil = delaySeconds === 0 ? null : new Date(now.getTime() + delaySeconds * 1000);
  return { after: { failures, windowEndsAt, blockedUntil }, waitSeconds: 0 };
}

/** Seconds to wait; 0: go ahead. The row is locked, so that no two attempts see the same count. */
async function countOne(db: Db, key: ThrottleKey, now: Date): Promise<number> {
  const id = keyText(key);
  return db.$transaction(
    async (tx) => {
      // The update that changes nothing takes the row's lock and gives its latest state.
      const [before] = await tx.$queryRaw<[Counter]>`
        insert into "Throttle" as t (key, failures, "windowEndsAt") values (${id}, 0, ${now})
        on conflict (key) do update set failures = t.failures
        returning failures, "windowEndsAt", "blockedUntil"`;
      const { after, waitSeconds } = nextCount(before, limits[key.kind], now);
      await tx.throttle.update({ where: { key: id }, data: after });
      return waitSeconds;
    },
    { maxWait: 10_000 },
  );
}

function keyText({ kind, subject }: ThrottleKey): string {
  return `${kind}:${subject}`;
}

function waitInWords(seconds: number): string {
  if (seconds < 60) return seconds === 1 ? "a second" : `${seconds} seconds`;
  return seconds < 90 ? "a minute" : `${Math.ceil(seconds / 60)} minutes`;
}
