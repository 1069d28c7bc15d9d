import { hash, verify } from "@node-rs/argon2";
import { AppError } from "@/lib/errors";

/** argon2id (the package's default kind) at OWASP's first recommendation: 19 MiB, two passes; about 50 ms. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashes at once. More would only take memory and the processor from everybody's requests. */
const atOnce = 2;
/** Waiting at most; beyond that an attempt is turned away at once rather than kept for many seconds. */
const waitingAtMost = 200;

let running = 0;
const waiting: (() => void)[] = [];

/** A hash in PHC format: the salt and the cost are in it. */
export function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(password.normalize("NFKC"), cost));
}

/**
 * Whether the password is the one that was hashed.
 *
 * The same work is done when there is no hash, so that the time does not tell whether the person exists.
 */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  nobodysHash ??= hashPassword("nobody's password");
  const stored = passwordHash ?? (await nobodysHash);
  const right = await inTurn(() => verify(stored, password.normalize("NFKC")));
  return right && passwordHash !== null;
}

let nobodysHash: Promise<string> | undefined;

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= atOnce) {
    if (waiting.length >= waitingAtMost)
      throw new AppError("throttled", "Too many people are signing in at this moment. Try again shortly.", {
        retryAfterSeconds: 5,
      });
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running++;
  try {
    return await work();
  } finally {
    // The place goes straight to the next one, so that nobody slips in between.
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}
