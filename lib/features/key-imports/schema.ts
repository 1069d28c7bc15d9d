import { z } from "zod";

export const keyProviders = ["github", "gitlab", "launchpad", "url"] as const;

const Name = z.string().trim().min(1, "Say which account or address.").max(1000);
const Fingerprint = z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/, "Not a fingerprint.");

export const KeyImportsInput = z.strictObject({ personId: z.uuid() });
export const AddKeyImportInput = z.strictObject({
  personId: z.uuid(),
  provider: z.enum(keyProviders),
  name: Name,
  isSubscribed: z.boolean().default(false),
});
export const KeyImportId = z.strictObject({ importId: z.uuid() });
export const SubscribeInput = KeyImportId.extend({ isSubscribed: z.boolean() });

/**
 * What a person says to a proposal: `take` or `decline` a key that stands there, `remove` or `keep` one that stands
 * there no more.
 */
export const DecideKeyInput = KeyImportId.extend({
  fingerprint: Fingerprint,
  decision: z.enum(["take", "decline", "remove", "keep"]),
});

export const KeySourcesInput = z.strictObject({});
export const KeySourceInput = z.strictObject({ prefix: z.string().trim().min(1).max(1000) });

/** The column KeyImport.refusedLines. */
export const RefusedLines = z.array(z.object({ number: z.number(), text: z.string(), reason: z.string() }));
