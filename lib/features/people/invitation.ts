import type { Db, Transaction } from "@/lib/db/client";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import type { InvitationView } from "@/lib/features/people/views";
import { hashToken, makeToken } from "@/lib/session/token";

/** Longer than a weekend; shorter than a mailbox is kept. */
export const invitationSeconds = 3 * 24 * 3600;

/**
 * A one-time link for a person. Earlier links of his are void.
 *
 * The token stands in the fragment, which browsers send to nobody: no log of a proxy has it.
 */
export async function makeInvitation(tx: Transaction, personId: string, now: Date): Promise<InvitationView> {
  const { token, hash } = makeToken();
  const expiresAt = new Date(now.getTime() + invitationSeconds * 1000);
  await tx.invitation.updateMany({ where: { personId, usedAt: null }, data: { usedAt: now } });
  await tx.invitation.create({ data: { personId, tokenHash: hash, createdAt: now, expiresAt } });
  return {
    personId,
    url: `${env().origin}/invitation#${token.reveal()}`,
    expiresAt: expiresAt.toISOString(),
  };
}

/** The open invitation of this token, and whom it invites. @throws AppError `expired`, whatever is wrong with it */
export async function findInvitation(db: Db, token: string, now: Date) {
  const invitation = await db.invitation.findUnique({
    where: {
      tokenHash: hashToken(token),
      usedAt: null,
      expiresAt: { gt: now },
      person: { disabledAt: null },
    },
    include: { person: { include: { passkeys: { select: { credentialId: true } } } } },
  });
  if (!invitation) throw noInvitation();
  return invitation;
}

/** Uses the invitation up: of any number of parallel answers one is let in. */
export async function spendInvitation(tx: Transaction, invitationId: string, now: Date): Promise<void> {
  const { count } = await tx.invitation.updateMany({
    where: { id: invitationId, usedAt: null, expiresAt: { gt: now }, person: { disabledAt: null } },
    data: { usedAt: now },
  });
  if (count !== 1) throw noInvitation();
}

function noInvitation(): AppError {
  return new AppError("expired", "This link was used, replaced or is too old. Ask an admin for a new one.");
}
