import { z } from "zod";
import { roles } from "@/lib/policy/permissions";
import { isVisibleText, notVisible } from "@/lib/text";

export const Login = z
  .string()
  .trim()
  .toLowerCase()
  .min(1, "Choose a name to sign in with.")
  .max(64)
  .regex(/^[a-z0-9][a-z0-9._@+-]*$/, "Lower-case letters, digits and . _ @ + -");
export const PersonName = z
  .string()
  .trim()
  .min(1, "Say your name.")
  .max(100)
  .refine(isVisibleText, notVisible);
export const Password = z
  .string()
  .min(12, "At least 12 characters.")
  .max(1024)
  .describe("A sentence is easier to remember than a word.");
export const Code = z
  .string()
  .trim()
  .regex(/^\d{6}$/, "Six digits.");
export const RecoveryCodeInput = z.string().trim().toLowerCase().min(8).max(40);

const Base64Url = z
  .string()
  .max(16_384)
  .regex(/^[A-Za-z0-9_-]+$/, "Not base64url.");
const credential = {
  id: Base64Url.max(2048),
  rawId: Base64Url.max(2048),
  type: z.literal("public-key"),
};

/** The browser's answers in a WebAuthn ceremony, in shape; lib/webauthn checks what they say. What it does not read is dropped. */
export const RegistrationResponse = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: Base64Url,
      attestationObject: Base64Url,
      transports: z.array(z.string().max(40)).max(8).optional(),
    }),
  })
  .transform((response) => ({ ...response, clientExtensionResults: {} }));
export const AuthenticationResponse = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: Base64Url,
      authenticatorData: Base64Url,
      signature: Base64Url,
      userHandle: Base64Url.max(128).nullish(),
    }),
  })
  .transform(({ response: { userHandle, ...response }, ...rest }) => ({
    ...rest,
    response: { ...response, ...(userHandle && { userHandle }) },
    clientExtensionResults: {},
  }));

export const SetupToken = z.string().trim().min(16).max(200);
export const SetupPasskeyOptionsInput = z.strictObject({ token: SetupToken, login: Login, name: PersonName });
export const SetupWithPasskeyInput = SetupPasskeyOptionsInput.extend({ response: RegistrationResponse });
export const SetupWithPasswordInput = SetupPasskeyOptionsInput.extend({ password: Password });

export const SignInWithPasskeyInput = z.strictObject({ response: AuthenticationResponse });
export const SignInWithPasswordInput = z.strictObject({ login: Login, password: z.string().max(1024) });
export const SecondFactorInput = z
  .strictObject({ code: Code.optional(), recoveryCode: RecoveryCodeInput.optional() })
  .refine(
    ({ code, recoveryCode }) => (code === undefined) !== (recoveryCode === undefined),
    "Give the code of your app, or a recovery code.",
  );

export const AddPasskeyInput = z.strictObject({
  name: z.string().trim().min(1).max(60).refine(isVisibleText, notVisible),
  response: RegistrationResponse,
});
export const PasskeyId = z.strictObject({ passkeyId: z.uuid() });
export const RenamePasskeyInput = PasskeyId.extend({
  name: z.string().trim().min(1).max(60).refine(isVisibleText, notVisible),
});
export const NoInput = z.strictObject({});
export const ConfirmTotpInput = z.strictObject({ code: Code });
/** State that waits, sealed, until the code of a new authenticator app proves it. */
export const PendingTotp = z.object({ totpSecret: z.string() });
export const StepUpWithPasskeyInput = z.strictObject({ response: AuthenticationResponse });
export const StepUpWithCodeInput = z.strictObject({ password: z.string().max(1024), code: Code });
export const SessionId = z.strictObject({ sessionId: z.uuid() });
export const ChangePasswordInput = z.strictObject({ password: Password });

export const InvitePersonInput = z.strictObject({ login: Login, name: PersonName, role: z.enum(roles) });
export const InvitationToken = z.strictObject({ token: SetupToken });
export const JoinWithPasskeyInput = InvitationToken.extend({ response: RegistrationResponse });
export const JoinWithPasswordInput = InvitationToken.extend({ password: Password });
export const PersonId = z.strictObject({ personId: z.uuid() });
export const SetRoleInput = PersonId.extend({ role: z.enum(roles) });
