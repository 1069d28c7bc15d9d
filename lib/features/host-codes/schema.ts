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

/** The account's name, typed: whoever else uses the account may be asked for these codes, too. */
const ConfirmAccount = z.string().optional();

export const BeginMyCodeInput = z
  .strictObject({
    places: z.array(Place).min(1).max(50),
    kind: Kind.default("totp"),
    /** One secret for several hosts: a code that was seen on one counts on the others. */
    isShared: z.boolean().default(false),
    /** A state file of another making may be replaced. */
    replaces: z.boolean().default(false),
    confirmAccount: ConfirmAccount,
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
  confirmAccount: ConfirmAccount,
});

export const ConfirmCodeInput = z.strictObject({ code: Code });
export const PlacementId = z.strictObject({ placementId: z.uuid() });
export const ResyncInput = PlacementId.extend({ first: Code, second: Code });
export const CodesOfPerson = z.strictObject({ personId: z.uuid() });
export const HostCodesInput = z.strictObject({ hostId: z.uuid() });

/** What waits, sealed, until a code proves that the secret has arrived. */
export const PendingCode = z.object({
  personId: z.string(),
  kind: Kind,
  secret: z.string(),
  places: z.array(z.object({ hostId: z.string(), account: z.string() })),
  replaces: z.boolean(),
  /** Somebody who may has said that others who use the account are to be asked for these codes, too. */
  isForOthers: z.boolean().default(false),
});
export type PendingCode = z.output<typeof PendingCode>;
