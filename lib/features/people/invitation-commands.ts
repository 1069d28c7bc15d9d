import { z } from "zod";
import type { Db } from "@/lib/db/client";
import { addressThrottle, countAttempt, forgiveAttempt } from "@/lib/db/throttle";
import { findInvitation, spendInvitation } from "@/lib/features/people/invitation";
import { replaceRecoveryCodes } from "@/lib/features/people/recovery-codes";
import {
  ConfirmTotpInput,
  InvitationToken,
  JoinWithPasskeyInput,
  JoinWithPasswordInput,
} from "@/lib/features/people/schema";
import { openState, sealState } from "@/lib/features/people/sealed-state";
import {
  makeTotpSecret,
  proveTotpSecret,
  showTotpSecret,
  storeTotpSecret,
} from "@/lib/features/people/totp-factor";
import { hashPassword } from "@/lib/secrets/password";
import { SessionAnswer } from "@/lib/session/answer";
import { endSessions, openSession, type SignInMethod } from "@/lib/session/session";
import { type OpenCommandContext, type OpenContext, openCommand } from "@/lib/usecase";
import { findChallenge, issueChallenge, takeChallenge } from "@/lib/webauthn/challenge";
import { finishRegistration } from "@/lib/webauthn/finish-registration";
import { startRegistration } from "@/lib/webauthn/start-registration";

const joinSeconds = 900;

const PendingJoin = z.object({
  invitationId: z.string(),
  personId: z.string(),
  passwordHash: z.string(),
  totpSecret: z.string(),
});

export const beginJoinWithPasskey = openCommand({
  name: "invitation.begin",
  input: InvitationToken,
  recorded: false,
  async prepare({ token }, context) {
    const { person } = await openInvitation(context, token);
    const registrant = { ...person, credentialIds: person.passkeys.map(({ credentialId }) => credentialId) };
    return startRegistration(context.db, registrant, {
      purpose: "invitation",
      boundTo: context.visitor.visitId,
      personId: person.id,
      now: context.now,
    });
  },
  run: async (_, { prepared }) => prepared,
});

export const joinWithPasskey = openCommand({
  name: "invitation.accept",
  input: JoinWithPasskeyInput,
  async prepare({ token, response }, context) {
    const { id, person } = await openInvitation(context, token);
    const { passkey } = await finishRegistration(context.db, response, {
      purpose: "invitation",
      boundTo: context.visitor.visitId,
      personId: person.id,
      now: context.now,
    });
    return { invitationId: id, person, passkey };
  },
  async run(_, context) {
    const { invitationId, person, passkey } = context.prepared;
    await spendInvitation(context.db, invitationId, context.now);
    const name = person.passkeys.length === 0 ? "First passkey" : "Passkey by invitation";
    await context.db.passkey.create({ data: { ...passkey, personId: person.id, name } });
    return admitted(context, person.id, "passkey", {});
  },
});

/** Begins to join with a password. It is stored when a code proves the second factor, not before. */
export const joinWithPassword = openCommand({
  name: "invitation.begin",
  input: JoinWithPasswordInput,
  recorded: false,
  async prepare({ token, password }, context) {
    const { id, person } = await openInvitation(context, token);
    const totpSecret = makeTotpSecret();
    const passwordHash = await hashPassword(password);
    await issueChallenge(context.db, {
      purpose: "invitation-password",
      boundTo: context.visitor.visitId,
      personId: person.id,
      lifeSeconds: joinSeconds,
      sealState: sealState({ invitationId: id, personId: person.id, passwordHash, totpSecret }),
      now: context.now,
    });
    return { totp: await showTotpSecret(totpSecret, person.login) };
  },
  run: async (_, { prepared }) => prepared,
});

export const confirmJoinWithPassword = openCommand({
  name: "invitation.accept",
  input: ConfirmTotpInput,
  async prepare({ code }, { db, visitor, now, identify }) {
    const waiting = { purpose: "invitation-password", boundTo: visitor.visitId } as const;
    const pending = openState(PendingJoin, await findChallenge(db, waiting, now));
    const timeStep = proveTotpSecret(pending.totpSecret, code, now);
    await takeChallenge(db, waiting, now);
    identify(await db.person.findUniqueOrThrow({ where: { id: pending.personId } }));
    return { ...pending, timeStep };
  },
  async run(_, context) {
    const { invitationId, personId, passwordHash, totpSecret, timeStep } = context.prepared;
    const { db, now } = context;
    await spendInvitation(db, invitationId, now);
    await db.person.update({ where: { id: personId }, data: { passwordHash } });
    await storeTotpSecret(db, personId, totpSecret, timeStep, now);
    const recoveryCodes = await replaceRecoveryCodes(db, personId);
    return admitted(context, personId, "password and code", { recoveryCodes });
  },
});

async function openInvitation({ db, origin, now, identify }: OpenContext & { db: Db }, token: string) {
  const throttle = [addressThrottle(origin.address)];
  await countAttempt(db, throttle, now);
  const invitation = await findInvitation(db, token, now);
  await forgiveAttempt(db, throttle);
  identify(invitation.person);
  return invitation;
}

/** Whoever was in by older factors is out: a new link is made when a key was lost, perhaps to somebody. */
async function admitted<Body>(
  { db, origin, now }: OpenCommandContext<unknown>,
  personId: string,
  method: SignInMethod,
  body: Body,
) {
  await endSessions(db, personId, now);
  return SessionAnswer.opened(await openSession(db, personId, { method, ...origin, now }), body);
}
