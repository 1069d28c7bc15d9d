import { randomBytes } from "node:crypto";
import { AppError } from "@/lib/errors";
import { endOffboarding } from "@/lib/features/people/end-offboarding";
import { makeInvitation } from "@/lib/features/people/invitation";
import { InvitePersonInput, PersonId, SetRoleInput } from "@/lib/features/people/schema";
import { keepOwner, type LockedPerson, lockOwners, lockPerson } from "@/lib/features/people/ways-in";
import type { Role } from "@/lib/policy/permissions";
import { mayManage } from "@/lib/policy/rank";
import { endSessions } from "@/lib/session/session";
import { type Actor, type CommandContext, command } from "@/lib/usecase";

/** Makes a person and a one-time link by which he chooses his own way in. Nobody else ever knows it. */
export const invitePerson = command({
  name: "person.invite",
  permission: "person:write",
  stepUp: true,
  input: InvitePersonInput,
  async run({ login, name, role }, { db, actor, now, record }) {
    record({ detail: { login, role } });
    refuseAboveRank(actor, role);
    const [person] = await db.person.createManyAndReturn({
      data: [{ login, name, role, userHandle: Uint8Array.from(randomBytes(32)), createdAt: now }],
      skipDuplicates: true, // also when two admins invite at the same moment
    });
    if (!person)
      throw new AppError("conflict", "Somebody has this login already.", {
        fields: { login: "Somebody has this login already." },
      });
    record({ target: { type: "person", id: person.id, name } });
    return makeInvitation(db, person.id, now);
  },
});

/** A new one-time link, for an invited person or for one who has lost his keys. What he had goes on working. */
export const renewInvitation = command({
  name: "person.invite-again",
  permission: "person:write",
  stepUp: true,
  input: PersonId,
  async run({ personId }, context) {
    const person = await manage(context, personId);
    if (person.disabledAt) throw new AppError("conflict", `${person.name} is disabled. Enable him first.`);
    return makeInvitation(context.db, personId, context.now);
  },
});

export const setRole = command({
  name: "person.set-role",
  permission: "person:write",
  stepUp: true,
  input: SetRoleInput,
  async run({ personId, role }, context) {
    const { db, actor, record } = context;
    await lockOwners(db);
    const person = await manage(context, personId);
    record({ detail: { from: person.role, to: role } });
    refuseAboveRank(actor, role);
    if (person.role === role) return;
    if (person.role === "owner") await keepOwner(db, personId);
    await db.person.update({ where: { id: personId }, data: { role } });
  },
});

/** Keeps the person out at once: his sessions end, his links are void, his factors stay for the day he is enabled again. */
export const disablePerson = command({
  name: "person.disable",
  permission: "person:write",
  stepUp: true,
  input: PersonId,
  async run({ personId }, context) {
    await disable(context, personId);
  },
});

/**
 * Keeps a person out of Gatehouse at once, in the caller's transaction.
 *
 * @throws AppError `conflict` for oneself and for the last owner; `forbidden` for somebody above one's rank
 */
export async function disable(context: CommandContext, personId: string): Promise<LockedPerson> {
  const { db, actor, now } = context;
  await lockOwners(db);
  const person = await manage(context, personId);
  if (personId === actor.personId)
    throw new AppError("conflict", "You cannot disable yourself. Ask another admin.");
  if (person.role === "owner") await keepOwner(db, personId);
  await db.person.update({ where: { id: personId }, data: { disabledAt: person.disabledAt ?? now } });
  await db.invitation.updateMany({ where: { personId, usedAt: null }, data: { usedAt: now } });
  await endSessions(db, personId, now);
  return person;
}

export const enablePerson = command({
  name: "person.enable",
  permission: "person:write",
  stepUp: true,
  input: PersonId,
  async run({ personId }, context) {
    await manage(context, personId);
    const { db, now, record } = context;
    await db.person.update({ where: { id: personId }, data: { disabledAt: null } });
    record({ detail: { keysStayOnHosts: await endOffboarding(db, personId, now) } });
  },
});

/** Ends all sessions of a person. */
export const signPersonOut = command({
  name: "person.sign-out",
  permission: "person:write",
  input: PersonId,
  async run({ personId }, context) {
    await manage(context, personId);
    const ended = await endSessions(context.db, personId, context.now);
    context.record({ detail: { ended } });
    return { ended };
  },
});

/** The person, locked and written into the activity, when the actor may manage him. */
async function manage({ db, actor, record }: CommandContext, personId: string) {
  const person = await lockPerson(db, personId);
  record({ target: { type: "person", id: personId, name: person.name } });
  refuseAboveRank(actor, person.role);
  return person;
}

function refuseAboveRank(actor: Actor, role: Role): void {
  if (!mayManage(actor.role, role))
    throw new AppError("forbidden", "Only an owner may do this to an owner, or make one.");
}
