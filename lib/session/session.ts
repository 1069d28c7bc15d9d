import type { Db, Transaction } from "@/lib/db/client";
import type { Role } from "@/lib/policy/permissions";
import type { Secret } from "@/lib/secrets/secret";
import { hashToken, makeToken } from "@/lib/session/token";

/** Where a session's life ends. */
export const sessionLimits = {
  /** Without a request. Shorter: people sign in twice a day. Longer: a forgotten browser stays open overnight. */
  idleSeconds: 12 * 3600,
  /** Whatever happens. A stolen cookie is worth a week at most. */
  absoluteSeconds: 7 * 24 * 3600,
  /** `seenAt` is written at most this often: every request would write otherwise. */
  seenSeconds: 60,
} as const;

/** How the person proved who he is. */
export type SignInMethod = "passkey" | "password and code" | "password and recovery code";

/** A session that a person has just opened or renewed: the browser's cookie must become this. */
export interface OpenedSession {
  readonly sessionId: string;
  readonly token: Secret<string>;
  readonly endsAt: Date;
}

/** A session that is alive, and whose it is. */
export interface LiveSession {
  readonly id: string;
  readonly steppedUpAt: Date | null;
  readonly endsAt: Date;
  readonly person: {
    readonly id: string;
    readonly name: string;
    readonly login: string;
    readonly role: Role;
  };
}

/** Opens a session. Signing in is a fresh proof, so it counts as a step-up. */
export async function openSession(
  tx: Transaction,
  personId: string,
  {
    method,
    address,
    userAgent,
    now,
  }: { method: SignInMethod; address: string; userAgent: string; now: Date },
): Promise<OpenedSession> {
  const { token, hash } = makeToken();
  const endsAt = new Date(now.getTime() + sessionLimits.absoluteSeconds * 1000);
  const { id } = await tx.session.create({
    data: {
      tokenHash: hash,
      personId,
      createdAt: now,
      seenAt: now,
      endsAt,
      steppedUpAt: now,
      method,
      address,
      userAgent: userAgent.slice(0, 300),
    },
  });
  return { sessionId: id, token, endsAt };
}

/** What makes a session alive at `now`, as a filter for the database. */
function alive(now: Date) {
  return {
    revokedAt: null,
    endsAt: { gt: now },
    seenAt: { gt: new Date(now.getTime() - sessionLimits.idleSeconds * 1000) },
    person: { disabledAt: null },
  };
}

/** The live session of this token, or undefined: unknown, revoked, ended, idle for too long, or the person disabled. */
export async function findSession(db: Db, token: string, now: Date): Promise<LiveSession | undefined> {
  const session = await db.session.findFirst({
    where: { tokenHash: hashToken(token), ...alive(now) },
    select: {
      id: true,
      steppedUpAt: true,
      endsAt: true,
      seenAt: true,
      person: { select: { id: true, name: true, login: true, role: true } },
    },
  });
  if (!session) return undefined;
  const { seenAt, ...live } = session;
  if (now.getTime() - seenAt.getTime() > sessionLimits.seenSeconds * 1000)
    await db.session.updateMany({ where: { id: live.id, ...alive(now) }, data: { seenAt: now } });
  return live;
}

/** Whether a session that was alive still is; for streams, which outlive their request's check. Does not renew it. */
export async function isSessionAlive(db: Db, sessionId: string, now: Date): Promise<boolean> {
  return (await db.session.count({ where: { id: sessionId, ...alive(now) } })) === 1;
}

/**
 * A new token for the same session, after a step-up: who had copied the old one is out.
 *
 * @returns undefined when the session has ended meanwhile
 */
export async function renewSession(
  tx: Transaction,
  sessionId: string,
  now: Date,
): Promise<OpenedSession | undefined> {
  const { token, hash } = makeToken();
  const [renewed] = await tx.session.updateManyAndReturn({
    where: { id: sessionId, ...alive(now) },
    data: { tokenHash: hash, steppedUpAt: now, seenAt: now },
    select: { endsAt: true },
  });
  return renewed && { sessionId, token, endsAt: renewed.endsAt };
}

/** Ends one session of this person; false when there is no such live one. */
export async function endSession(
  tx: Transaction,
  personId: string,
  sessionId: string,
  now: Date,
): Promise<boolean> {
  const { count } = await tx.session.updateMany({
    where: { id: sessionId, personId, revokedAt: null },
    data: { revokedAt: now },
  });
  return count === 1;
}

/** Ends all sessions of this person, except one when it is given; how many were ended. */
export async function endSessions(
  tx: Transaction,
  personId: string,
  now: Date,
  exceptSessionId?: string,
): Promise<number> {
  const { count } = await tx.session.updateMany({
    where: { personId, revokedAt: null, ...(exceptSessionId && { id: { not: exceptSessionId } }) },
    data: { revokedAt: now },
  });
  return count;
}

/** The live sessions of a person, the last used first. */
export function listSessions(db: Db, personId: string, now: Date) {
  return db.session.findMany({
    where: { personId, ...alive(now) },
    orderBy: { seenAt: "desc" },
    omit: { tokenHash: true },
  });
}
