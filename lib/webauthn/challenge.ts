import { randomBytes } from "node:crypto";
import type { Db } from "@/lib/db/client";
import { AppError } from "@/lib/errors";

/** What a step was begun for. An answer to one is no answer to another. */
export type Purpose =
  | "set-up"
  | "set-up-password"
  | "sign-in"
  | "second-factor"
  | "step-up"
  | "add-passkey"
  | "add-security-key"
  | "prove-key"
  | "attest-key"
  | "add-totp"
  | "add-host-code"
  | "invitation"
  | "invitation-password";

/** Whose answer is awaited. */
export interface Waiting {
  readonly purpose: Purpose;
  /** The session's id, or the visit's: no other browser can answer. */
  readonly boundTo: string;
}

export interface IssuedChallenge extends Waiting {
  readonly challenge: Uint8Array<ArrayBuffer>;
  readonly expiresAt: Date;
}

export interface FoundChallenge {
  readonly id: string;
  readonly challenge: Uint8Array<ArrayBuffer>;
  readonly personId: string | null;
  readonly stateSealed: Uint8Array<ArrayBuffer> | null;
}

/** Long enough to fetch a key from a bag; a stolen screen is worth nothing after lunch. */
export const ceremonySeconds = 120;

/** Remembers that a step has begun, and gives the challenge to answer. Earlier ones of the same kind are void. */
export async function issueChallenge(
  db: Db,
  {
    purpose,
    boundTo,
    personId,
    lifeSeconds = ceremonySeconds,
    sealState,
    now,
  }: Waiting & {
    readonly personId?: string;
    readonly lifeSeconds?: number;
    /** Gives the state that must wait, sealed for this challenge's id. */
    readonly sealState?: (challengeId: string) => Uint8Array;
    readonly now: Date;
  },
): Promise<IssuedChallenge> {
  const challenge = Uint8Array.from(randomBytes(32));
  const expiresAt = new Date(now.getTime() + lifeSeconds * 1000);
  const id = crypto.randomUUID();
  // Also sweeps what nobody answered: anyone can begin a sign-in, so begun ones must not pile up.
  await db.challenge.deleteMany({
    where: { OR: [{ purpose, boundTo }, { expiresAt: { lt: new Date(now.getTime() - 600_000) } }] },
  });
  await db.challenge.create({
    data: {
      id,
      purpose,
      challenge,
      boundTo,
      personId: personId ?? null,
      stateSealed: sealState ? Uint8Array.from(sealState(id)) : null,
      expiresAt,
    },
  });
  return { purpose, boundTo, challenge, expiresAt };
}

/** The step that waits for an answer of this kind from this browser, still open, without using it up. */
export async function findChallenge(db: Db, waiting: Waiting, now: Date): Promise<FoundChallenge> {
  const found = await db.challenge.findFirst({
    where: { purpose: waiting.purpose, boundTo: waiting.boundTo, usedAt: null, expiresAt: { gt: now } },
    select: { id: true, challenge: true, personId: true, stateSealed: true },
    orderBy: { expiresAt: "desc" },
  });
  if (!found) throw tooLate();
  return found;
}

/**
 * Uses the waiting step up, whatever comes of the answer: of any number of parallel answers one gets it.
 *
 * @throws AppError `expired` when none waits here for this purpose, it is older than its life, or it was answered
 */
export async function takeChallenge(db: Db, waiting: Waiting, now: Date): Promise<FoundChallenge> {
  const found = await findChallenge(db, waiting, now);
  const { count } = await db.challenge.updateMany({
    where: { id: found.id, usedAt: null },
    data: { usedAt: now },
  });
  if (count !== 1) throw tooLate();
  return found;
}

function tooLate(): AppError {
  return new AppError("expired", "This took too long, or was answered already. Begin again.");
}
