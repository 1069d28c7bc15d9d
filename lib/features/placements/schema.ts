import { z } from "zod";
import { KeyOptionsInput } from "@/lib/features/placements/key-options";
import { areVisibleLines, notVisible } from "@/lib/text";

export const HostKeysInput = z.strictObject({ hostId: z.uuid() });

export const CreateGrantInput = z
  .strictObject({
    personId: z.uuid(),
    /** One host, or every host with the tag. */
    hostId: z.uuid().optional(),
    tag: z.string().trim().min(1).max(64).optional(),
    account: z
      .string()
      .regex(
        /^[A-Za-z0-9._@+][A-Za-z0-9._@+-]{0,255}$/,
        "The name of an account: letters, digits and . _ @ + -",
      ),
    options: KeyOptionsInput.prefault({}),
    endsAt: z.iso.datetime().nullable().default(null),
    note: z.string().trim().max(500).refine(areVisibleLines, notVisible).default(""),
  })
  .refine(({ hostId, tag }) => (hostId === undefined) !== (tag === undefined), "Name a host or a tag.");

export const GrantId = z.strictObject({ grantId: z.uuid() });
