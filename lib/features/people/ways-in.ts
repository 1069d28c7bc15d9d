import type { Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";

/**
 * The person with his factors, locked until the transaction ends: two removals at once cannot each believe that the
 * other way in remains.
 *
 * @throws AppError `not_found`
 */
export async function lockPerson(tx: Transaction, personId: string) {
  await tx.$queryRaw`select 1 from "Person" where id = ${personId}::uuid for update`;
  const person = await tx.person.findUnique({
    where: { id: personId },
    include: { totp: { select: { confirmedAt: true } }, _count: { select: { passkeys: true } } },
  });
  if (!person) throw new AppError("not_found", "There is no such person.");
  return person;
}

export type LockedPerson = Awaited<ReturnType<typeof lockPerson>>;

/** Whether the person can sign in by himself. Recovery codes alone are no way in: they stand in for an app's code. */
export function hasWayIn({
  passkeys,
  password,
  totp,
}: {
  passkeys: number;
  password: boolean;
  totp: boolean;
}) {
  return passkeys > 0 || (password && totp);
}

/** Refuses to take away a factor when no way in would remain. @throws AppError `conflict` */
export function keepWayIn(person: LockedPerson, without: "passkey" | "totp"): void {
  const passkeys = person._count.passkeys - (without === "passkey" ? 1 : 0);
  const totp = without !== "totp" && person.totp?.confirmedAt != null;
  if (!hasWayIn({ passkeys, password: person.passwordHash !== null, totp }))
    throw new AppError("conflict", "This is your last way in. Add another one first, then remove this one.");
}

/**
 * Locks all owners until the transaction ends. Whatever may take an owner away does this before it locks anybody else:
 * two owners cannot step down at once, and no two such acts wait for each other.
 */
export async function lockOwners(tx: Transaction): Promise<void> {
  await tx.$queryRaw`select 1 from "Person" where role = 'owner' order by id for update`;
}

/**
 * Refuses when no other owner would remain who can sign in. Call `lockOwners` first.
 *
 * @throws AppError `conflict`
 */
export async function keepOwner(tx: Transaction, personId: string): Promise<void> {
  const others = await tx.person.count({
    where: {
      role: "owner",
      disabledAt: null,
      id: { not: personId },
      OR: [{ passkeys: { some: {} } }, { passwordHash: { not: null }, totp: { confirmedAt: { not: null } } }],
    },
  });
  if (others === 0)
    throw new AppError(
      "conflict",
      "This is the last owner who can sign in. Make another person an owner first.",
    );
}
