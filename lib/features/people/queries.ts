import { pendingStates } from "@/lib/change/machine";
import type { Db } from "@/lib/db/client";
import { NoInput } from "@/lib/features/people/schema";
import type { MeView, PeopleListView, ViewerView } from "@/lib/features/people/views";
import { can, type Permission, permissions } from "@/lib/policy/permissions";
import { listSessions } from "@/lib/session/session";
import { isSteppedUp, query, stepUpSeconds } from "@/lib/usecase";

/** What every page's frame needs to know of the person who looks at it. */
export const getViewer = query({
  name: "viewer.get",
  permission: "signed-in",
  input: NoInput,
  async run(_, { actor, db, now }): Promise<ViewerView> {
    const [passkeys, pendingChanges, pendingReviews] = await Promise.all([
      db.passkey.count({ where: { personId: actor.personId } }),
      can(actor.role, "config:read") ? db.change.count({ where: { state: { in: [...pendingStates] } } }) : 0,
      can(actor.role, "review:decide") ? countReviews(db, actor.personId) : 0,
    ]);
    const steppedUpUntil =
      isSteppedUp(actor, now) && actor.steppedUpAt
        ? new Date(actor.steppedUpAt.getTime() + stepUpSeconds * 1000).toISOString()
        : null;
    return {
      personId: actor.personId,
      name: actor.name,
      login: actor.login,
      role: actor.role,
      permissions: permissionsOf(actor.role),
      pendingChanges,
      pendingReviews,
      steppedUpUntil,
      hasPasskey: passkeys > 0,
    };
  },
});

/** Open reviews of access in which undecided ways are the person's to decide. */
async function countReviews(db: Db, personId: string): Promise<number> {
  const [row] = await db.$queryRaw<{ count: bigint }[]>`
    SELECT count(DISTINCT w.id) AS count FROM "AccessReviewer" m JOIN "AccessReview" w ON w.id = m."reviewId"
    WHERE m."personId" = ${personId}::uuid AND w."closedAt" IS NULL AND EXISTS (
      SELECT FROM "AccessReviewItem" i
      WHERE i."reviewId" = m."reviewId" AND i."hostId" = m."hostId" AND i.decision IS NULL)`;
  return Number(row?.count ?? 0);
}

function permissionsOf(role: ViewerView["role"]): Permission[] {
  const all = Object.keys(permissions) as Permission[];
  return all.filter((permission) => can(role, permission));
}

/** What a person sees of himself. Never more than that a secret exists. */
export const getMe = query({
  name: "me.get",
  permission: "signed-in",
  input: NoInput,
  async run(_, { actor, db, now }): Promise<MeView> {
    const [person, sessions, recoveryCodesLeft] = await Promise.all([
      db.person.findUniqueOrThrow({
        where: { id: actor.personId },
        include: { passkeys: { orderBy: { createdAt: "asc" } }, totp: { omit: { secretSealed: true } } },
      }),
      listSessions(db, actor.personId, now),
      db.recoveryCode.count({ where: { personId: actor.personId, usedAt: null } }),
    ]);
    return {
      id: person.id,
      login: person.login,
      name: person.name,
      role: person.role,
      passkeys: person.passkeys.map(({ id, name, createdAt, lastUsedAt, backedUp, aaguid, transports }) => ({
        id,
        name,
        createdAt: createdAt.toISOString(),
        lastUsedAt: lastUsedAt?.toISOString() ?? null,
        backedUp,
        aaguid,
        transports,
      })),
      hasPassword: person.passwordHash !== null,
      totp: person.totp && {
        confirmed: person.totp.confirmedAt !== null,
        createdAt: person.totp.createdAt.toISOString(),
      },
      recoveryCodesLeft,
      sessions: sessions.map(({ id, method, address, userAgent, createdAt, seenAt, endsAt }) => ({
        id,
        method,
        address,
        userAgent,
        createdAt: createdAt.toISOString(),
        seenAt: seenAt.toISOString(),
        endsAt: endsAt.toISOString(),
        current: id === actor.sessionId,
      })),
    };
  },
});

/** Everybody, by name. */
export const listPeople = query({
  name: "people.list",
  permission: "person:read",
  input: NoInput,
  async run(_, { actor, db, now }): Promise<PeopleListView> {
    const people = await db.person.findMany({
      orderBy: [{ name: "asc" }, { login: "asc" }],
      include: {
        totp: { select: { confirmedAt: true } },
        sessions: { orderBy: { seenAt: "desc" }, take: 1, select: { seenAt: true } },
        invitations: { where: { usedAt: null, expiresAt: { gt: now } }, select: { id: true } },
        _count: { select: { passkeys: true } },
      },
    });
    return {
      canWrite: can(actor.role, "person:write"),
      rows: people.map((person) => ({
        id: person.id,
        login: person.login,
        name: person.name,
        role: person.role,
        passkeys: person._count.passkeys,
        hasPassword: person.passwordHash !== null,
        hasTotp: person.totp?.confirmedAt != null,
        disabled: person.disabledAt !== null,
        invited: person.invitations.length > 0,
        lastSeenAt: person.sessions[0]?.seenAt.toISOString() ?? null,
        createdAt: person.createdAt.toISOString(),
      })),
    };
  },
});
