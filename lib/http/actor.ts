import { now } from "@/lib/clock";
import { prisma } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { findSession } from "@/lib/session/session";
import type { Actor } from "@/lib/usecase";

/** Who a session token stands for, or undefined: nobody. */
export async function findActor(token: string | undefined): Promise<Actor | undefined> {
  const session = token && (await findSession(prisma(), token, now()));
  if (!session) return undefined;
  const { person, steppedUpAt } = session;
  return {
    personId: person.id,
    name: person.name,
    login: person.login,
    role: person.role,
    sessionId: session.id,
    steppedUpAt,
  };
}

/** The same for what only a signed-in person may ask. @throws AppError `unauthenticated` */
export async function requireActor(token: string | undefined): Promise<Actor> {
  const actor = await findActor(token);
  if (!actor) throw new AppError("unauthenticated", "Your session has ended. Sign in again.");
  return actor;
}
