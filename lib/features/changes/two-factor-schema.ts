import { z } from "zod";

const Name = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}\$?$/,
    "One name of letters, digits, - _ and . as sshd takes it in a Match line.",
  );
const Groups = z.array(Name).max(50).default([]);

/** How a host is to ask for a second factor: the way back from it is the step "off". */
export const PlanTwoFactorInput = z.strictObject({
  hostId: z.uuid(),
  step: z.enum(["off", "optional", "required"]),
  /** Robots: their members log in by key alone. */
  keyOnlyGroups: Groups,
  /** Members log in by a security key that verifies its owner, and by nothing else. */
  securityKeyGroups: Groups,
});

/** What was asked for, with the exceptions that stood when the host was read: the column Change.twoFactor. */
export const TwoFactorRequest = PlanTwoFactorInput.omit({ hostId: true }).extend({
  /** Accounts that go on logging in by key alone: who answers for them and why (lib/features/readiness). */
  exceptions: z
    .array(z.strictObject({ account: z.string(), reason: z.string(), byName: z.string() }))
    .default([]),
});
export type TwoFactorRequest = z.output<typeof TwoFactorRequest>;

export const EnforcementInput = z.strictObject({ hostId: z.uuid() });
