import {
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
} from "@simplewebauthn/server";
import type { Db } from "@/lib/db/client";
import { ceremonySeconds, issueChallenge, type Waiting } from "@/lib/webauthn/challenge";
import { relyingParty } from "@/lib/webauthn/relying-party";

/** COSE algorithms that we take, the best first: EdDSA, ES256, RS256. */
export const algorithms = [-8, -7, -257];

/** What kind of credential is asked for. */
export interface Wish {
  /** COSE algorithms, the best first. */
  readonly algorithms: number[];
  /** Only what can be carried to another machine; undefined: anything. */
  readonly isRoaming?: boolean;
  /** Whether the authenticator itself refuses to sign without PIN or fingerprint; undefined: as the browser likes. */
  readonly protection?: "userVerificationRequired" | "userVerificationOptionalWithCredentialIDList";
}

/** One that signs in here and nothing else. */
export const passkeyWish: Wish = { algorithms };

/**
 * One that ssh can use, too: on a security key, and of an algorithm that OpenSSH knows.
 *
 * Asked for a discoverable credential with user verification, browsers make the authenticator refuse every use without
 * PIN. ssh asks for the PIN only where the key's file says so: the protection must say the same, or a key that was
 * wanted for a touch alone would not be found by ssh. ssh-keygen makes it so (sk-usbhid.c:sk_enroll).
 */
export function securityKeyWish(family: "ed25519" | "ecdsa", isVerifyRequired: boolean): Wish {
  return {
    algorithms: family === "ed25519" ? [-8, -7] : [-7],
    isRoaming: true,
    protection: isVerifyRequired
      ? "userVerificationRequired"
      : "userVerificationOptionalWithCredentialIDList",
  };
}

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
  wish = passkeyWish,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { challenge } = await issueChallenge(db, waiting);
  const { id, name } = relyingParty();
  const options = await generateRegistrationOptions({
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
    authenticatorSelection: {
      residentKey: "required",
      userVerification: "required",
      ...(wish.isRoaming && { authenticatorAttachment: "cross-platform" }),
    },
    supportedAlgorithmIDs: wish.algorithms,
  });
  if (!wish.protection) return options;
  // Not enforced: an older authenticator that does not know it makes a key all the same.
  const credProtect = {
    credentialProtectionPolicy: wish.protection,
    enforceCredentialProtectionPolicy: false,
  };
  return { ...options, extensions: { ...options.extensions, ...credProtect } };
}
