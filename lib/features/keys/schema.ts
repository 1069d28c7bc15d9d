import { z } from "zod";
import { PersonId, RegistrationResponse } from "@/lib/features/people/schema";

export const KeyName = z
  .string()
  .trim()
  .min(1, "Give it a name by which you will know it again.")
  .max(60)
  // It becomes the comment of key files: a second line there would be a second key to whoever copies it.
  .regex(
    /^[^\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]*$/u,
    "One line of text, without control characters.",
  );
/** What is pasted or read from a dropped file; lib/openssh-keys says what is wrong with it. */
const PublicKeyText = z.string().max(65_536, "This is too long for a public key.");

export const AddKeyInput = z.strictObject({
  name: KeyName,
  line: PublicKeyText,
  /** `generated`: the browser made it and has saved the private half. */
  origin: z.enum(["pasted", "generated"]).default("pasted"),
});
export const KeyId = z.strictObject({ keyId: z.uuid() });
export const RenameKeyInput = KeyId.extend({ name: KeyName });
export const ProveKeyInput = KeyId.extend({ signature: z.string().max(65_536) });

/** A key that somebody else has brought without proving it. */
export const BeginClaimInput = z.strictObject({ line: PublicKeyText });
export const ClaimKeyInput = BeginClaimInput.extend({ name: KeyName, signature: z.string().max(65_536) });

/** How a security key is to be used; the same for the options and the answer of one ceremony. */
const SecurityKeyWish = z.strictObject({
  /** What is asked for first; an authenticator that cannot do it makes an ECDSA key. */
  family: z.enum(["ed25519", "ecdsa"]),
  isVerifyRequired: z.boolean(),
});
export const BeginSecurityKeyInput = SecurityKeyWish;
export const AddSecurityKeyInput = SecurityKeyWish.extend({ name: KeyName, response: RegistrationResponse });
export const AddKeyOfPasskeyInput = z.strictObject({ passkeyId: z.uuid() });

export const AddAttestedKeyInput = z.strictObject({
  name: KeyName,
  line: PublicKeyText,
  /** The file of `-O write-attestation=`, in base64. */
  attestation: z.base64().min(1).max(65_536),
});

export const PersonKeyId = PersonId.extend({ keyId: z.uuid() });
export const AddPersonKeyInput = PersonId.extend({ name: KeyName, line: PublicKeyText });
export const RenamePersonKeyInput = PersonKeyId.extend({ name: KeyName });

/** The column PersonKey.attestation: what was verified when the key came. */
export const PersonKeyAttestation = z.object({
  /** Of the file: 0 is of OpenSSH 8.2 and 8.3. */
  version: z.literal([0, 1]),
  format: z.enum(["packed", "fido-u2f"]),
  /** The model of the authenticator; null when it does not say. */
  aaguid: z.string().nullable(),
  /** Signed by the new key itself: it says nothing of the maker. */
  isSelf: z.boolean(),
  /** Subject of the maker's certificate. */
  subject: z.string().nullable(),
  /** Subject of the trusted root that has signed that certificate; null: nobody vouches for it. */
  root: z.string().nullable(),
  /** The PIN or the fingerprint was used while the key was made. */
  isVerified: z.boolean(),
});
export type PersonKeyAttestation = z.infer<typeof PersonKeyAttestation>;
