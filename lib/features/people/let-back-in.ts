import { appendActivity } from "@/lib/db/activity";
import type { Db } from "@/lib/db/client";
import { forgiveAttempt } from "@/lib/db/throttle";
import { AppError } from "@/lib/errors";
import { endOffboarding } from "@/lib/features/people/end-offboarding";
import { makeInvitation } from "@/lib/features/people/invitation";
import { codeThrottle, passwordThrottle } from "@/lib/features/people/password-check";
import type { InvitationView } from "@/lib/features/people/views";
import { lockPerson } from "@/lib/features/people/ways-in";

/**
 * A one-time link for a person who has lost every way in, made by whoever holds the machine that Gatehouse runs on.
 *
 * For the only owner there is nobody else to ask. It enables him, ends the delays of guessed passwords, and stands in the
 * activity. No new power: who can run this could read the key files and write to the database.
 *
 * @throws AppError `not_found`
 */
export async function letBackIn(
  db: Db,
  login: string,
  now: Date,
): Promise<InvitationView & { name: string }> {
  const found = await db.person.findUnique({ where: { login }, select: { id: true } });
  if (!found) {
    const people = await db.person.findMany({
      select: { login: true, role: true },
      orderBy: { login: "asc" },
    });
    const logins = people.map((person) => `${person.login} (${person.role})`).join(", ");
    throw new AppError("not_found", `Nobody has the login "${login}". There are: ${logins || "none yet"}.`);
  }
  await forgiveAttempt(db, [passwordThrottle(login), codeThrottle(found.id)]);
  return db.$transaction(async (tx) => {
    const person = await lockPerson(tx, found.id);
    await tx.person.update({ where: { id: person.id }, data: { disabledAt: null } });
    await endOffboarding(tx, person.id, now);
    const invitation = await makeInvitation(tx, person.id, now);
    await appendActivity(tx, {
      at: now,
      actor: { id: null, name: "console" },
      address: "",
      action: "person.let-back-in",
      outcome: "done",
      target: { type: "person", id: person.id, name: person.name },
      detail: { login, wasDisabled: person.disabledAt !== null },
    });
    return { ...invitation, name: person.name };
  });
}
