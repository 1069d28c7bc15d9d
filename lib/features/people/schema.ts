import { z } from "zod";
import { roles } from "@/lib/policy/permissions";

export const Login = z
  .string()
  .trim()
  .toLowerCase()
  .min(1, "Choose a name to sign in with.")
  .max(64)
  .regex(/^[a-z0-9][a-z0-9._@+-]*$/, "Lower-case letters, digits and . _ @ + -");
export const PersonName = z.string().trim().min(1, "Say your name.").max(100);
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

/** The browser's WebAuthn answer, checked by lib/webauthn. */
export const CeremonyResponse = z.looseObject({
  id: z.string().max(2048),
  rawId: z.string().max(2048),
  type: z.literal("public-key"),
});

export const SetupToken = z.string().trim().min(16).max(200);
export const SetupPasskeyOptionsInput = z.strictObject({ token: SetupToken, login: Login, name: PersonName });
export const SetupWithPasskeyInput = SetupPasskeyOptionsInput.extend({ response: CeremonyResponse });
export const SetupWithPasswordInput = SetupPasskeyOptionsInput.extend({ password: Password });

export const SignInWithPasskeyInput = z.strictObject({ response: CeremonyResponse });
export const SignInWithPasswordInput = z.strictObject({ login: Login, password: z.string().max(1024) });
export const SecondFactorInput = z.strictObject({
  code: Code.optional(),
  recoveryCode: RecoveryCodeInput.optional(),
});

export const AddPasskeyInput = z.strictObject({
  name: z.string().trim().min(1).max(60),
  response: CeremonyResponse,
});
export const PasskeyId = z.strictObject({ passkeyId: z.uuid() });
export const RenamePasskeyInput = PasskeyId.extend({ name: z.string().trim().min(1).max(60) });
export const ConfirmTotpInput = z.strictObject({ code: Code });
export const StepUpWithPasskeyInput = z.strictObject({ response: CeremonyResponse });
export const StepUpWithCodeInput = z.strictObject({ password: z.string().max(1024), code: Code });
export const SessionId = z.strictObject({ sessionId: z.uuid() });
export const ChangePasswordInput = z.strictObject({ password: Password });

export const InvitePersonInput = z.strictObject({ login: Login, name: PersonName, role: z.enum(roles) });
export const InvitationToken = z.strictObject({ token: SetupToken });
export const PersonId = z.strictObject({ personId: z.uuid() });
export const SetRoleInput = PersonId.extend({ role: z.enum(roles) });
