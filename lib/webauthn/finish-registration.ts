import { type RegistrationResponseJSON, verifyRegistrationResponse } from "@simplewebauthn/server";
import { decodeAttestationObject } from "@simplewebauthn/server/helpers";
import type { Db } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { type FoundChallenge, takeChallenge, type Waiting } from "@/lib/webauthn/challenge";
import { refuseCrossOrigin } from "@/lib/webauthn/client-data";
import { ceremonyRefused } from "@/lib/webauthn/refusal";
import { relyingParty } from "@/lib/webauthn/relying-party";
import { passkeyWish } from "@/lib/webauthn/start-registration";

/** A passkey as it is stored. */
export interface NewPasskey {
  readonly credentialId: Uint8Array<ArrayBuffer>;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly counter: bigint;
  readonly transports: string[];
  readonly aaguid: string;
  readonly backedUp: boolean;
  readonly deviceType: string;
}

/**
 * Statements that are verified by what is in them. The others (tpm, apple, android) are checked against certificates of
 * their makers, for which the library would fetch revocation lists from addresses that the sender chose.
 */
const attestationFormats = ["none", "packed", "fido-u2f"];

/**
 * Checks the browser's answer to `startRegistration` and gives the new passkey, which the caller stores.
 *
 * @see WebAuthn Level 3, 7.1 "Registering a New Credential"
 * @throws AppError `expired` when nothing waits for it, `unauthenticated` when a check fails, `conflict` when the
 *   credential is known already
 */
export async function finishRegistration(
  db: Db,
  response: RegistrationResponseJSON,
  waiting: Waiting & { readonly personId?: string; readonly now: Date },
  wish = passkeyWish,
): Promise<{ passkey: NewPasskey; waited: FoundChallenge }> {
  // Step 8, and what the library cannot know: once, in time, for this purpose, from this browser.
  const waited = await takeChallenge(db, waiting, waiting.now);
  if (waited.personId !== (waiting.personId ?? null))
    throw ceremonyRefused("the ceremony was begun for another person");
  refuseCrossOrigin(response.response.clientDataJSON);
  const { id, origin } = relyingParty();
  const info = await verify(response, {
    expectedChallenge: Buffer.from(waited.challenge).toString("base64url"), // step 8
    expectedOrigin: origin, // step 9
    expectedRPID: id, // step 14
    requireUserPresence: true, // step 15
    requireUserVerification: true, // step 16
    supportedAlgorithmIDs: wish.algorithms, // step 20
  });
  const credentialId = Uint8Array.from(Buffer.from(info.credential.id, "base64url"));
  // Step 25. The browser's `id` is unsigned; what counts is the one inside the signed data, which must be the same.
  if (credentialId.length > 1023) throw ceremonyRefused("the credential id is longer than 1023 bytes");
  if (response.id !== info.credential.id) throw ceremonyRefused("the answer's id is not the credential's id");
  // Step 26.
  if (await db.passkey.findUnique({ where: { credentialId }, select: { id: true } }))
    throw new AppError("conflict", "This passkey is registered already. Use another one.");
  return {
    waited,
    passkey: {
      credentialId,
      publicKey: Uint8Array.from(info.credential.publicKey),
      counter: BigInt(info.credential.counter),
      transports: (response.response.transports ?? []).map(String).slice(0, 8),
      aaguid: info.aaguid,
      backedUp: info.credentialBackedUp,
      deviceType: info.credentialDeviceType,
    },
  };
}

async function verify(
  response: RegistrationResponseJSON,
  expected: Omit<Parameters<typeof verifyRegistrationResponse>[0], "response">,
) {
  try {
    const attestation = decodeAttestationObject(
      Uint8Array.from(Buffer.from(response.response.attestationObject, "base64url")),
    );
    const format = String(attestation.get("fmt"));
    if (!attestationFormats.includes(format)) throw new Error(`attestation format ${format}`);
    const result = await verifyRegistrationResponse({ response, ...expected });
    if (!result.verified) throw new Error("the attestation's signature is wrong");
    return result.registrationInfo;
  } catch (cause) {
    throw ceremonyRefused(cause instanceof Error ? cause.message : "registration", cause);
  }
}
