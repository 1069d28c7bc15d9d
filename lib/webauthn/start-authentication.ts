import {
  generateAuthenticationOptions,
  type PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/server";
import type { Db } from "@/lib/db/client";
import { ceremonySeconds, issueChallenge, type Waiting } from "@/lib/webauthn/challenge";
import { relyingParty } from "@/lib/webauthn/relying-party";

/**
 * What the browser needs to use a passkey, with user verification.
 *
 * @param credentials the keys that may answer; none at sign-in, where the key itself says who it is: a list would tell
 *   anyone who types a name whether that person exists
 */
export async function startAuthentication(
  db: Db,
  credentials: readonly { credentialId: Uint8Array; transports: string[] }[],
  waiting: Waiting & { readonly personId?: string; readonly now: Date },
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { challenge } = await issueChallenge(db, waiting);
  return generateAuthenticationOptions({
    rpID: relyingParty().id,
    challenge,
    timeout: ceremonySeconds * 1000,
    userVerification: "required",
    allowCredentials: credentials.map(({ credentialId, transports }) => ({
      id: Buffer.from(credentialId).toString("base64url"),
      transports,
    })),
  });
}
