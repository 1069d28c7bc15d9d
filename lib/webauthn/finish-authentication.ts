import { type AuthenticationResponseJSON, verifyAuthenticationResponse } from "@simplewebauthn/server";
import type { Db } from "@/lib/db/client";
import { takeChallenge, type Waiting } from "@/lib/webauthn/challenge";
import { refuseCrossOrigin } from "@/lib/webauthn/client-data";
import { ceremonyRefused } from "@/lib/webauthn/refusal";
import { relyingParty } from "@/lib/webauthn/relying-party";

/** Whose key it was. */
export interface ProvedPasskey {
  readonly passkeyId: string;
  readonly passkeyName: string;
  readonly person: { readonly id: string; readonly name: string; readonly disabledAt: Date | null };
}

/**
 * Checks the browser's answer to `startAuthentication` and says whose key gave it.
 *
 * Where the ceremony was begun for a person (step-up), only his keys count.
 *
 * @see WebAuthn Level 3, 7.2 "Verifying an Authentication Assertion"
 * @throws AppError `expired` when nothing waits for it, `unauthenticated` when a check fails
 */
export async function finishAuthentication(
  db: Db,
  response: AuthenticationResponseJSON,
  waiting: Waiting & { readonly now: Date },
): Promise<ProvedPasskey> {
  // Step 11, and what the library cannot know: once, in time, for this purpose, from this browser.
  const waited = await takeChallenge(db, waiting, waiting.now);
  refuseCrossOrigin(response.response.clientDataJSON);
  // Steps 5-6: the credential is looked up by its id; nothing that the answer says of its key is believed.
  const passkey = await db.passkey.findUnique({
    where: { credentialId: Uint8Array.from(Buffer.from(response.id, "base64url")) },
    include: { person: { select: { id: true, name: true, disabledAt: true, userHandle: true } } },
  });
  if (!passkey) throw ceremonyRefused("no such credential");
  if (waited.personId !== null && passkey.personId !== waited.personId)
    throw ceremonyRefused("the ceremony was begun for another person");
  // Step 6: where the person is not known beforehand, the key must say who he is; where it says so, it must be he.
  const { userHandle } = response.response;
  if (waited.personId === null && !userHandle) throw ceremonyRefused("no user handle");
  if (userHandle && !Buffer.from(userHandle, "base64url").equals(passkey.person.userHandle))
    throw ceremonyRefused("the user handle is not the one of the credential's person");
  const { id, origin } = relyingParty();
  const newCounter = await verify(response, {
    expectedChallenge: Buffer.from(waited.challenge).toString("base64url"), // step 11
    expectedOrigin: origin, // step 12
    expectedRPID: id, // step 15
    requireUserVerification: true, // step 17
    credential: {
      id: Buffer.from(passkey.credentialId).toString("base64url"),
      publicKey: passkey.publicKey,
      counter: Number(passkey.counter),
    }, // steps 20-22
  });
  // Step 22: compare-and-set, so that of two copies of a key, used at once with one counter, one is refused.
  const { count } = await db.passkey.updateMany({
    where: { id: passkey.id, counter: passkey.counter },
    data: { counter: BigInt(newCounter), lastUsedAt: waiting.now },
  });
  if (count !== 1) throw ceremonyRefused("the key was used at the same moment elsewhere");
  return { passkeyId: passkey.id, passkeyName: passkey.name, person: passkey.person };
}

async function verify(
  response: AuthenticationResponseJSON,
  expected: Omit<Parameters<typeof verifyAuthenticationResponse>[0], "response">,
): Promise<number> {
  try {
    const result = await verifyAuthenticationResponse({ response, ...expected });
    if (!result.verified) throw new Error("the signature is wrong");
    return result.authenticationInfo.newCounter;
  } catch (cause) {
    throw ceremonyRefused(cause instanceof Error ? cause.message : "authentication", cause);
  }
}
