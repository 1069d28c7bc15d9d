import type { Transaction } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { AppError } from "@/lib/errors";
import { lockPerson } from "@/lib/features/people/ways-in";
import { can, type Role } from "@/lib/policy/permissions";
import { mayManage } from "@/lib/policy/rank";
import type { Actor, CommandContext } from "@/lib/usecase";

/** Whether the actor may see where a person's keys come from: his own, or with the permission to read people. */
export function maySee(actor: Actor, personId: string): boolean {
  return actor.personId === personId || can(actor.role, "person:read");
}

/** Whether the actor may change them: his own, or as somebody who brings keys for people of that role. */
export function mayChange(actor: Actor, person: { id: string; role: Role }): boolean {
  if (actor.personId === person.id) return true;
  return can(actor.role, "person:keys") && mayManage(actor.role, person.role);
}

/**
 * The person whose imports the actor is about to change, locked and named in the activity.
 *
 * @throws AppError `not_found` when he may not see them, `forbidden` when he may only see them, `conflict` when the
 *   person is disabled
 */
export async function reachPerson(
  { db, actor, record }: Pick<CommandContext, "db" | "actor" | "record">,
  personId: string,
) {
  if (!maySee(actor, personId)) throw noImport();
  const person = await lockPerson(db, personId);
  record({ target: { type: "person", id: personId, name: person.name } });
  if (!mayChange(actor, person))
    throw new AppError("forbidden", `Only ${person.name} himself or an admin may change this.`);
  if (person.disabledAt) throw new AppError("conflict", `${person.name} is disabled. Enable him first.`);
  return person;
}

/** One import and its person, as `reachPerson` does. */
export async function reachImport(
  context: Pick<CommandContext, "db" | "actor" | "record">,
  importId: string,
) {
  const { personId } = (await context.db.keyImport.findUnique({
    where: { id: importId },
    select: { personId: true },
  })) ?? { personId: undefined };
  if (personId === undefined) throw noImport();
  const person = await reachPerson(context, personId);
  // Read again behind the lock: a reading or another decision may have come in between.
  const found = await context.db.keyImport.findUnique({ where: { id: importId } });
  if (!found) throw noImport();
  context.record({ detail: { provider: found.provider, name: found.name } });
  return { person, found };
}

/** Open pages of that person read themselves again. */
export async function tellPages(db: Transaction, personId: string): Promise<void> {
  await appendEvent(db, { topic: `person:${personId}`, kind: "key-imports", data: {} });
}

function noImport(): AppError {
  return new AppError("not_found", "There is no such import.");
}
