import { addressThrottle, countAttempt, forgiveAttempt } from "@/lib/db/throttle";
import { AppError } from "@/lib/errors";
import { checkPassword, codeThrottle, passwordThrottle } from "@/lib/features/people/password-check";
import { NoInput, StepUpWithCodeInput, StepUpWithPasskeyInput } from "@/lib/features/people/schema";
import { spendTotpCode } from "@/lib/features/people/totp-factor";
import { SessionAnswer } from "@/lib/session/answer";
import { renewSession } from "@/lib/session/session";
import { type CommandContext, command } from "@/lib/usecase";
import { finishAuthentication } from "@/lib/webauthn/finish-authentication";
import { startAuthentication } from "@/lib/webauthn/start-authentication";

/** Begins a fresh touch: only the keys of this person, in this session. */
export const beginStepUp = command({
  name: "session.begin-step-up",
  permission: "signed-in",
  input: NoInput,
  recorded: false,
  async prepare(_, { db, actor, now }) {
    const passkeys = await db.passkey.findMany({
      where: { personId: actor.personId },
      select: { credentialId: true, transports: true },
    });
    if (passkeys.length === 0)
      throw new AppError("conflict", "You have no passkey. Confirm with your password and a code.");
    return startAuthentication(db, passkeys, {
      purpose: "step-up",
      boundTo: actor.sessionId,
      personId: actor.personId,
      now,
    });
  },
  run: async (_, { prepared }) => prepared,
});

export const stepUpWithPasskey = command({
  name: "session.step-up",
  permission: "signed-in",
  input: StepUpWithPasskeyInput,
  async prepare({ response }, { db, actor, now, record }) {
    const { passkeyName } = await finishAuthentication(db, response, {
      purpose: "step-up",
      boundTo: actor.sessionId,
      now,
    });
    record({ detail: { method: "passkey", passkey: passkeyName } });
  },
  run: (_, context) => renewed(context),
});

export const stepUpWithCode = command({
  name: "session.step-up",
  permission: "signed-in",
  input: StepUpWithCodeInput,
  async prepare({ password, code }, { db, actor, origin, now, record }) {
    const { personId, login } = actor;
    const throttle = [addressThrottle(origin.address), passwordThrottle(login), codeThrottle(personId)];
    await countAttempt(db, throttle, now);
    const { right } = await checkPassword(db, login, password);
    // The code is not used up by a wrong password.
    if (!right || !(await spendTotpCode(db, personId, code, now)))
      throw new AppError(
        "forbidden",
        "The password or the code is not right, or the code was used already. Wait for the next code.",
      );
    await forgiveAttempt(db, throttle);
    record({ detail: { method: "password and code" } });
  },
  run: (_, context) => renewed(context),
});

async function renewed({ db, actor, now }: CommandContext<void>) {
  const session = await renewSession(db, actor.sessionId, now);
  if (!session) throw new AppError("unauthenticated", "Your session has ended. Sign in again.");
  return SessionAnswer.opened(session, {});
}
