import { addressThrottle, countAttempt, forgiveAttempt } from "@/lib/db/throttle";
import { AppError } from "@/lib/errors";
import { checkPassword, codeThrottle, passwordThrottle } from "@/lib/features/people/password-check";
import { spendRecoveryCode } from "@/lib/features/people/recovery-codes";
import {
  NoInput,
  SecondFactorInput,
  SignInWithPasskeyInput,
  SignInWithPasswordInput,
} from "@/lib/features/people/schema";
import { spendTotpCode } from "@/lib/features/people/totp-factor";
import { SessionAnswer } from "@/lib/session/answer";
import { endSession, openSession, type SignInMethod } from "@/lib/session/session";
import { command, openCommand } from "@/lib/usecase";
import { findChallenge, issueChallenge, takeChallenge } from "@/lib/webauthn/challenge";
import { finishAuthentication } from "@/lib/webauthn/finish-authentication";
import { ceremonyRefused } from "@/lib/webauthn/refusal";
import { startAuthentication } from "@/lib/webauthn/start-authentication";

/** Between a right password and the code: time to find the phone. */
const secondFactorSeconds = 300;

/** Begins a sign-in by passkey. Nobody is named: the key itself says who it is. */
export const beginPasskeySignIn = openCommand({
  name: "session.begin",
  input: NoInput,
  recorded: false,
  prepare: (_, { db, visitor, now }) =>
    startAuthentication(db, [], { purpose: "sign-in", boundTo: visitor.visitId, now }),
  run: async (_, { prepared }) => prepared,
});

export const signInWithPasskey = openCommand({
  name: "session.open",
  input: SignInWithPasskeyInput,
  async prepare({ response }, { db, visitor, origin, now, identify, record }) {
    const throttle = [addressThrottle(origin.address)];
    await countAttempt(db, throttle, now);
    const proved = await finishAuthentication(db, response, {
      purpose: "sign-in",
      boundTo: visitor.visitId,
      now,
    });
    identify(proved.person);
    if (proved.person.disabledAt) throw ceremonyRefused("the person is disabled");
    await forgiveAttempt(db, throttle);
    record({ detail: { method: "passkey", passkey: proved.passkeyName } });
    return proved.person;
  },
  async run(_, { db, origin, now, prepared: person }) {
    const session = await openSession(db, person.id, { method: "passkey", ...origin, now });
    return SessionAnswer.opened(session, {});
  },
});

/** The first half of a sign-in by password. The answer never says whether the login exists. */
export const signInWithPassword = openCommand({
  name: "session.check-password",
  input: SignInWithPasswordInput,
  recorded: false,
  async prepare({ login, password }, { db, visitor, origin, now, identify }) {
    const throttle = [addressThrottle(origin.address), passwordThrottle(login)];
    await countAttempt(db, throttle, now);
    const { person, right } = await checkPassword(db, login, password);
    // Only a login that exists is written down: people type their password into the wrong field.
    if (person) identify(person);
    if (!person || !right)
      throw new AppError("unauthenticated", "This name and password do not belong together. Try again.");
    await forgiveAttempt(db, throttle);
    await issueChallenge(db, {
      purpose: "second-factor",
      boundTo: visitor.visitId,
      personId: person.id,
      lifeSeconds: secondFactorSeconds,
      now,
    });
  },
  run: async () => ({ next: "second_factor" as const }),
});

/** The second half: the app's code, or a recovery code in its place. */
export const signInWithSecondFactor = openCommand({
  name: "session.open",
  input: SecondFactorInput,
  async prepare({ code, recoveryCode }, { db, visitor, origin, now, identify, record }) {
    const waiting = { purpose: "second-factor", boundTo: visitor.visitId } as const;
    const { personId } = await findChallenge(db, waiting, now);
    const person = personId && (await db.person.findUnique({ where: { id: personId } }));
    if (!person || person.disabledAt)
      throw new AppError("unauthenticated", "This sign-in cannot go on. Begin again.");
    identify(person);
    const throttle = [addressThrottle(origin.address), ...(code ? [codeThrottle(person.id)] : [])];
    await countAttempt(db, throttle, now);
    const right = code
      ? await spendTotpCode(db, person.id, code, now)
      : await spendRecoveryCode(db, person.id, recoveryCode ?? "", now);
    if (!right)
      throw new AppError(
        "unauthenticated",
        code
          ? "This code is not right, or was used already. Wait for the next one."
          : "This recovery code is not right, or was used already.",
      );
    await takeChallenge(db, waiting, now);
    await forgiveAttempt(db, throttle);
    const method: SignInMethod = code ? "password and code" : "password and recovery code";
    record({ detail: { method } });
    return { personId: person.id, method };
  },
  async run(_, { db, origin, now, prepared: { personId, method } }) {
    const session = await openSession(db, personId, { method, ...origin, now });
    return SessionAnswer.opened(session, {});
  },
});

/** Ends the session of this browser. */
export const signOut = command({
  name: "session.close",
  permission: "signed-in",
  input: NoInput,
  async run(_, { db, actor, now }) {
    await endSession(db, actor.personId, actor.sessionId, now);
    return SessionAnswer.closed();
  },
});
