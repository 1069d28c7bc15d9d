import type { Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { replaceRecoveryCodes } from "@/lib/features/people/recovery-codes";
import {
  AddPasskeyInput,
  ChangePasswordInput,
  ConfirmTotpInput,
  NoInput,
  PasskeyId,
  PendingTotp,
  RenamePasskeyInput,
  SessionId,
} from "@/lib/features/people/schema";
import { openState, sealState } from "@/lib/features/people/sealed-state";
import {
  makeTotpSecret,
  proveTotpSecret,
  showTotpSecret,
  storeTotpSecret,
} from "@/lib/features/people/totp-factor";
import { keepWayIn, lockPerson } from "@/lib/features/people/ways-in";
import { hashPassword } from "@/lib/secrets/password";
import { endSession, endSessions } from "@/lib/session/session";
import { type Actor, command } from "@/lib/usecase";
import { findChallenge, issueChallenge, takeChallenge } from "@/lib/webauthn/challenge";
import { finishRegistration } from "@/lib/webauthn/finish-registration";
import { startRegistration } from "@/lib/webauthn/start-registration";

/** Time to install an app and scan the picture. */
const totpSeconds = 900;

export const beginAddPasskey = command({
  name: "passkey.begin",
  permission: "signed-in",
  stepUp: true,
  recorded: false,
  input: NoInput,
  async prepare(_, { db, actor, now }) {
    const person = await db.person.findUniqueOrThrow({
      where: { id: actor.personId },
      select: { login: true, name: true, userHandle: true, passkeys: { select: { credentialId: true } } },
    });
    const registrant = { ...person, credentialIds: person.passkeys.map(({ credentialId }) => credentialId) };
    return startRegistration(db, registrant, {
      purpose: "add-passkey",
      boundTo: actor.sessionId,
      personId: actor.personId,
      now,
    });
  },
  run: async (_, { prepared }) => prepared,
});

export const addPasskey = command({
  name: "passkey.add",
  permission: "signed-in",
  stepUp: true,
  input: AddPasskeyInput,
  prepare: ({ response }, { db, actor, now }) =>
    finishRegistration(db, response, {
      purpose: "add-passkey",
      boundTo: actor.sessionId,
      personId: actor.personId,
      now,
    }),
  async run({ name }, { db, actor, now, prepared, record }) {
    const { id } = await db.passkey.create({
      data: { ...prepared.passkey, personId: actor.personId, name, createdAt: now },
    });
    record({ target: { type: "passkey", id, name } });
    await endOtherSessions(db, actor, now);
    return { passkeyId: id };
  },
});

export const renamePasskey = command({
  name: "passkey.rename",
  permission: "signed-in",
  input: RenamePasskeyInput,
  async run({ passkeyId, name }, { db, actor, record }) {
    const { count } = await db.passkey.updateMany({
      where: { id: passkeyId, personId: actor.personId },
      data: { name },
    });
    if (count === 0) throw noPasskey();
    record({ target: { type: "passkey", id: passkeyId, name } });
  },
});

export const removePasskey = command({
  name: "passkey.remove",
  permission: "signed-in",
  stepUp: true,
  input: PasskeyId,
  async run({ passkeyId }, { db, actor, now, record }) {
    const person = await lockPerson(db, actor.personId);
    const passkey = await db.passkey.findFirst({ where: { id: passkeyId, personId: actor.personId } });
    if (!passkey) throw noPasskey();
    record({ target: { type: "passkey", id: passkeyId, name: passkey.name } });
    keepWayIn(person, "passkey");
    await db.passkey.delete({ where: { id: passkeyId } });
    await endOtherSessions(db, actor, now);
  },
});

/** Begins a new authenticator app. The old one goes on working until a code proves the new one. */
export const beginTotp = command({
  name: "totp.begin",
  permission: "signed-in",
  stepUp: true,
  recorded: false,
  input: NoInput,
  async prepare(_, { db, actor, now }) {
    const totpSecret = makeTotpSecret();
    await issueChallenge(db, {
      purpose: "add-totp",
      boundTo: actor.sessionId,
      personId: actor.personId,
      lifeSeconds: totpSeconds,
      sealState: sealState({ totpSecret }),
      now,
    });
    return showTotpSecret(totpSecret, actor.login);
  },
  run: async (_, { prepared }) => prepared,
});

export const confirmTotp = command({
  name: "totp.set",
  permission: "signed-in",
  stepUp: true,
  input: ConfirmTotpInput,
  async prepare({ code }, { db, actor, now }) {
    const waiting = { purpose: "add-totp", boundTo: actor.sessionId } as const;
    const { totpSecret } = openState(PendingTotp, await findChallenge(db, waiting, now));
    const timeStep = proveTotpSecret(totpSecret, code, now);
    await takeChallenge(db, waiting, now);
    return { totpSecret, timeStep };
  },
  async run(_, { db, actor, now, prepared: { totpSecret, timeStep } }) {
    await storeTotpSecret(db, actor.personId, totpSecret, timeStep, now);
    await endOtherSessions(db, actor, now);
    const codesLeft = await db.recoveryCode.count({ where: { personId: actor.personId, usedAt: null } });
    // Whoever relies on an app needs a way in for the day that the phone is gone.
    return codesLeft === 0 ? { recoveryCodes: await replaceRecoveryCodes(db, actor.personId) } : {};
  },
});

export const removeTotp = command({
  name: "totp.remove",
  permission: "signed-in",
  stepUp: true,
  input: NoInput,
  async run(_, { db, actor, now }) {
    const person = await lockPerson(db, actor.personId);
    if (!person.totp) throw new AppError("not_found", "There is no authenticator app to remove.");
    keepWayIn(person, "totp");
    await db.totpFactor.delete({ where: { personId: actor.personId } });
    await endOtherSessions(db, actor, now);
  },
});

/** Ten new recovery codes; the old ones are void. */
export const renewRecoveryCodes = command({
  name: "recovery-codes.renew",
  permission: "signed-in",
  stepUp: true,
  input: NoInput,
  async run(_, { db, actor, now }) {
    const codes = await replaceRecoveryCodes(db, actor.personId);
    await endOtherSessions(db, actor, now);
    return { codes };
  },
});

export const changePassword = command({
  name: "password.set",
  permission: "signed-in",
  stepUp: true,
  input: ChangePasswordInput,
  prepare: ({ password }) => hashPassword(password),
  async run(_, { db, actor, now, prepared: passwordHash }) {
    await db.person.update({ where: { id: actor.personId }, data: { passwordHash } });
    await endOtherSessions(db, actor, now);
  },
});

export const revokeSession = command({
  name: "session.revoke",
  permission: "signed-in",
  input: SessionId,
  async run({ sessionId }, { db, actor, now, record }) {
    record({ target: { type: "session", id: sessionId, name: "" } });
    if (!(await endSession(db, actor.personId, sessionId, now)))
      throw new AppError("not_found", "This session has ended already.");
  },
});

export const revokeOtherSessions = command({
  name: "session.revoke-others",
  permission: "signed-in",
  input: NoInput,
  async run(_, { db, actor, now, record }) {
    const ended = await endSessions(db, actor.personId, now, actor.sessionId);
    record({ detail: { ended } });
    return { ended };
  },
});

/** A factor has changed: whoever came in by the old ones is out. */
async function endOtherSessions(db: Transaction, actor: Actor, now: Date): Promise<void> {
  await endSessions(db, actor.personId, now, actor.sessionId);
}

function noPasskey(): AppError {
  return new AppError("not_found", "You have no such passkey.");
}
