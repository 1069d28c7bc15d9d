import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { Db, Transaction } from "@/lib/db/client";
import { addressThrottle, countAttempt, forgiveAttempt, type ThrottleKey } from "@/lib/db/throttle";
import { AppError } from "@/lib/errors";
import { replaceRecoveryCodes } from "@/lib/features/people/recovery-codes";
import {
  ConfirmTotpInput,
  SetupPasskeyOptionsInput,
  SetupWithPasskeyInput,
  SetupWithPasswordInput,
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
import { openSession, type SignInMethod } from "@/lib/session/session";
import { hashToken } from "@/lib/session/token";
import { type OpenCommandContext, type OpenContext, openCommand } from "@/lib/usecase";
import { findChallenge, issueChallenge, takeChallenge } from "@/lib/webauthn/challenge";
import { finishRegistration } from "@/lib/webauthn/finish-registration";
import { startRegistration } from "@/lib/webauthn/start-registration";

/** The token's own life is the limit; a second factor takes minutes to set up. */
const setUpSeconds = 900;

/** The owner-to-be, from the first step to the last. */
const Pending = z.object({
  tokenHash: z.string(),
  login: z.string(),
  name: z.string(),
  userHandle: z.string(),
});
const PendingPassword = Pending.extend({ passwordHash: z.string(), totpSecret: z.string() });
type Pending = z.output<typeof Pending>;

export const beginSetUpWithPasskey = openCommand({
  name: "installation.begin-set-up",
  input: SetupPasskeyOptionsInput,
  recorded: false,
  async prepare({ token, login, name }, context) {
    const pending = await checkToken(context, { token, login, name });
    const registrant = {
      login,
      name,
      userHandle: Uint8Array.from(Buffer.from(pending.userHandle, "hex")),
      credentialIds: [],
    };
    return startRegistration(context.db, registrant, {
      purpose: "set-up",
      boundTo: context.visitor.visitId,
      sealState: sealState(pending),
      now: context.now,
    });
  },
  run: async (_, { prepared }) => prepared,
});

export const setUpWithPasskey = openCommand({
  name: "installation.set-up",
  input: SetupWithPasskeyInput,
  async prepare({ token, login, name, response }, context) {
    await checkToken(context, { token, login, name });
    const { db, visitor, now } = context;
    const { passkey, waited } = await finishRegistration(db, response, {
      purpose: "set-up",
      boundTo: visitor.visitId,
      now,
    });
    return { passkey, pending: openState(Pending, waited) };
  },
  async run(_, context) {
    const { passkey, pending } = context.prepared;
    const person = await createOwner(context, pending, null);
    await context.db.passkey.create({ data: { ...passkey, personId: person.id, name: "First passkey" } });
    return signedIn(context, person.id, "passkey", {});
  },
});

/** Begins set-up with a password. Nothing is stored of it but this waiting step, until a code proves the second factor. */
export const setUpWithPassword = openCommand({
  name: "installation.begin-set-up",
  input: SetupWithPasswordInput,
  recorded: false,
  async prepare({ token, login, name, password }, context) {
    const pending = await checkToken(context, { token, login, name });
    const totpSecret = makeTotpSecret();
    await issueChallenge(context.db, {
      purpose: "set-up-password",
      boundTo: context.visitor.visitId,
      lifeSeconds: setUpSeconds,
      sealState: sealState({ ...pending, passwordHash: await hashPassword(password), totpSecret }),
      now: context.now,
    });
    return { totp: await showTotpSecret(totpSecret, login) };
  },
  run: async (_, { prepared }) => prepared,
});

export const confirmSetUpWithPassword = openCommand({
  name: "installation.set-up",
  input: ConfirmTotpInput,
  async prepare({ code }, { db, visitor, now }) {
    const waiting = { purpose: "set-up-password", boundTo: visitor.visitId } as const;
    // A mistyped code may be typed again; only the right one uses the step up.
    const pending = openState(PendingPassword, await findChallenge(db, waiting, now));
    const timeStep = proveTotpSecret(pending.totpSecret, code, now);
    await takeChallenge(db, waiting, now);
    return { pending, timeStep };
  },
  async run(_, context) {
    const { pending, timeStep } = context.prepared;
    const person = await createOwner(context, pending, pending.passwordHash);
    await storeTotpSecret(context.db, person.id, pending.totpSecret, timeStep, context.now);
    const recoveryCodes = await replaceRecoveryCodes(context.db, person.id);
    return signedIn(context, person.id, "password and code", { recoveryCodes });
  },
});

/** @throws AppError `conflict` when set-up is closed, `unauthenticated` when the token is wrong or too old */
async function checkToken(
  { db, origin, now }: OpenContext & { db: Db },
  { token, login, name }: { token: string; login: string; name: string },
): Promise<Pending> {
  const throttle: ThrottleKey[] = [addressThrottle(origin.address)];
  await countAttempt(db, throttle, now);
  const installation = await db.installation.findUnique({ where: { id: 1 } });
  if (installation?.setUpAt) throw closed();
  const tokenHash = hashToken(token.toLowerCase());
  const right = installation?.setupTokenHash && tokenHash.equals(installation.setupTokenHash);
  if (!right || !installation.setupExpiresAt || installation.setupExpiresAt <= now)
    throw new AppError(
      "unauthenticated",
      "This set-up token is not right, or older than 15 minutes. Start Gatehouse again for a new one.",
    );
  await forgiveAttempt(db, throttle);
  return { tokenHash: tokenHash.toString("hex"), login, name, userHandle: randomBytes(32).toString("hex") };
}

/**
 * Closes set-up and creates the owner, in one transaction: of any number of first runs one closes it, and the others
 * find it closed.
 */
async function createOwner(
  { db, now, identify, record }: OpenCommandContext<unknown>,
  pending: Pending,
  passwordHash: string | null,
) {
  const { count } = await db.installation.updateMany({
    where: {
      id: 1,
      setUpAt: null,
      setupTokenHash: Uint8Array.from(Buffer.from(pending.tokenHash, "hex")),
      setupExpiresAt: { gt: now },
    },
    data: { setUpAt: now, setupTokenHash: null, setupExpiresAt: null },
  });
  if (count !== 1) throw await whyNot(db);
  const person = await db.person.create({
    data: {
      login: pending.login,
      name: pending.name,
      role: "owner",
      userHandle: Uint8Array.from(Buffer.from(pending.userHandle, "hex")),
      passwordHash,
      createdAt: now,
    },
  });
  identify(person);
  record({ target: { type: "person", id: person.id, name: person.name }, detail: { login: person.login } });
  return person;
}

async function whyNot(db: Transaction): Promise<AppError> {
  const installation = await db.installation.findUnique({ where: { id: 1 } });
  return installation?.setUpAt
    ? closed()
    : new AppError("expired", "The set-up token has been replaced or is too old. Use the newest one.");
}

function closed(): AppError {
  return new AppError("conflict", "Set-up is closed: this installation has an owner. Sign in instead.");
}

async function signedIn<Body>(
  { db, origin, now }: OpenCommandContext<unknown>,
  personId: string,
  method: SignInMethod,
  body: Body,
) {
  return SessionAnswer.opened(await openSession(db, personId, { method, ...origin, now }), body);
}
