import {
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
} from "@simplewebauthn/server";
import type { Db } from "@/lib/db/client";
import { ceremonySeconds, issueChallenge, type Waiting } from "@/lib/webauthn/challenge";
import { relyingParty } from "@/lib/webauthn/relying-party";

/** COSE algorithms that we take, the best first: EdDSA, ES256, RS256. */
export const algorithms = [-8, -7, -257];

/** For whom the passkey is made. */
export interface Registrant {
  readonly login: string;
  readonly name: string;
  /** Random bytes, never the login: an authenticator gives them to whoever holds it. */
  readonly userHandle: Uint8Array<ArrayBuffer>;
  /** Credentials that he has; the browser refuses to make a second one on the same key. */
  readonly credentialIds: readonly Uint8Array[];
}

/**
 * What the browser needs to make a passkey: discoverable, with user verification.
 *
 * No attestation is asked for: it would name the model of the person's key to us, and browsers ask people about it.
 */
export async function startRegistration(
  db: Db,
  registrant: Registrant,
  waiting: Waiting & {
    readonly personId?: string;
    readonly sealState?: (challengeId: string) => Uint8Array;
    readonly now: Date;
  },
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { challenge } = await issueChallenge(db, waiting);
  const { id, name } = relyingParty();
  return generateRegistrationOptions({
    rpName: name,
    rpID: id,
    userName: registrant.login,
    userDisplayName: registrant.name,
    userID: registrant.userHandle,
    challenge,
    timeout: ceremonySeconds * 1000,
    attestationType: "none",
    excludeCredentials: registrant.credentialIds.map((id) => ({
      id: Buffer.from(id).toString("base64url"),
    })),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    supportedAlgorithmIDs: algorithms,
  });
}
