import { z } from "zod";

const Account = z
  .string()
  .regex(/^[A-Za-z0-9._@+][A-Za-z0-9._@+-]{0,255}$/, "The name of an account: letters, digits and . _ @ + -");
const Kind = z.enum(["totp", "hotp"]);
const Code = z
  .string()
  .transform((text) => text.replaceAll(/\s/g, ""))
  .pipe(z.string().regex(/^\d{6}$/, "Six digits, as the app shows them."));

export const Place = z.strictObject({ hostId: z.uuid(), account: Account });

export const BeginMyCodeInput = z
  .strictObject({
    places: z.array(Place).min(1).max(50),
    kind: Kind.default("totp"),
    /** One secret for several hosts: a code that was seen on one counts on the others. */
    isShared: z.boolean().default(false),
    /** A state file of another making may be replaced. */
    replaces: z.boolean().default(false),
  })
  .refine(({ places, isShared }) => places.length === 1 || isShared, "Each host gets a secret of its own.")
  .refine(
    ({ places, kind }) => places.length === 1 || kind === "totp",
    "A counter cannot be shared: each host would count for itself.",
  );

export const BeginCodeInput = Place.extend({
  personId: z.uuid(),
  kind: Kind.default("totp"),
  replaces: z.boolean().default(false),
});

export const ConfirmCodeInput = z.strictObject({ code: Code });
export const PlacementId = z.strictObject({ placementId: z.uuid() });
export const ResyncInput = PlacementId.extend({ first: Code, second: Code });
export const HostCodesInput = z.strictObject({ hostId: z.uuid() });

/** What waits, sealed, until a code proves that the secret has arrived. */
export const PendingCode = z.object({
  personId: z.string(),
  kind: Kind,
  secret: z.string(),
  places: z.array(z.object({ hostId: z.string(), account: z.string() })),
  replaces: z.boolean(),
});
export type PendingCode = z.output<typeof PendingCode>;
