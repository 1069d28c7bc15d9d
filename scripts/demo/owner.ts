import { randomBytes, randomInt } from "node:crypto";
import { now } from "@/lib/clock";
import { prisma } from "@/lib/db/client";
import { confirmSetUpWithPassword, setUpWithPassword } from "@/lib/features/people/set-up-commands";
import { stepSeconds, totpCode } from "@/lib/otp/totp";
import { findSession } from "@/lib/session/session";
import { type Actor, actOpenly, type Origin } from "@/lib/usecase";

/** The person whom the demo acts as, and as whom the newcomer signs in. */
export interface Owner {
  readonly actor: Actor;
  readonly login: string;
  readonly password: string;
  /** Base32, without spaces. */
  readonly totpSecret: string;
  /** otpauth://… */
  readonly totpUri: string;
}

/** Where the demo's own acts come from, in the activity. */
export const demoOrigin: Origin = { address: "127.0.0.1", userAgent: "npm run demo" };

/** Uses the set-up token as a person does who chooses a password and an authenticator app. */
export async function setUpOwner(token: string): Promise<Owner> {
  const visitor = { visitId: randomBytes(32).toString("hex") };
  const password = makePassword();
  const login = "demo";
  const { totp } = await actOpenly(
    setUpWithPassword,
    { token, login, name: "Demo owner", password },
    visitor,
    demoOrigin,
  );
  const totpSecret = totp.secret.replaceAll(" ", "");
  // A code works once. The one of the step before is still taken, and leaves the present one to the newcomer.
  const code = totpCode(totpSecret, now().getTime() / 1000 - stepSeconds);
  const { session } = await actOpenly(confirmSetUpWithPassword, { code }, visitor, demoOrigin);
  const live = session && (await findSession(prisma(), session.token.reveal(), now()));
  if (!live) throw new Error("set-up opened no session");
  const { id: personId, name, role } = live.person;
  return {
    actor: { personId, name, login, role, sessionId: live.id, steppedUpAt: live.steppedUpAt },
    login,
    password,
    totpSecret,
    totpUri: totp.uri,
  };
}

/** 95 bits in four groups, easy to type: no letter looks like a digit. */
function makePassword(): string {
  const letters = "abcdefghijkmnpqrstuvwxyz23456789";
  const group = () => Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join("");
  return [group(), group(), group(), group()].join("-");
}
