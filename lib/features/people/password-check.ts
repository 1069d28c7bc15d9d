import { createHash } from "node:crypto";
import type { Db } from "@/lib/db/client";
import type { ThrottleKey } from "@/lib/db/throttle";
import { verifyPassword } from "@/lib/secrets/password";

/** The counter of password guesses for a login, whether or not somebody has it: both are answered alike. */
export function passwordThrottle(login: string): ThrottleKey {
  return { kind: "password", subject: createHash("sha256").update(login).digest("hex").slice(0, 32) };
}

/** The counter of guesses of a person's six digits. */
export function codeThrottle(personId: string): ThrottleKey {
  return { kind: "code", subject: personId };
}

/**
 * Who has this login, and whether the password is his and opens a way in (he is not disabled, and has an app for the
 * code). Takes as long when nobody has the login.
 */
export async function checkPassword(db: Db, login: string, password: string) {
  const person = await db.person.findUnique({
    where: { login },
    select: {
      id: true,
      name: true,
      passwordHash: true,
      disabledAt: true,
      totp: { select: { confirmedAt: true } },
    },
  });
  const usable = person && !person.disabledAt && person.totp?.confirmedAt;
  const right = await verifyPassword(usable ? person.passwordHash : null, password);
  return { person, right };
}
