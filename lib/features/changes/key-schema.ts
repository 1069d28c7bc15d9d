import { z } from "zod";
import { KeyOptionsInput } from "@/lib/features/placements/key-options";

const Path = z
  .string()
  .max(1024)
  .regex(/^\/[^\u0000-\u001f\u007f]*$/, "An absolute path.");

export const PlanKeysInput = z
  .strictObject({
    hostId: z.uuid(),
    account: z.string().min(1).max(256),
    /** The key file, as the host's page names it. */
    path: Path,
    add: z
      .array(z.strictObject({ keyId: z.uuid(), options: KeyOptionsInput.prefault({}) }))
      .max(100)
      .default([]),
    remove: z
      .array(z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/))
      .max(100)
      .default([]),
    /** Alone: make the modes of the file and of the directories on its way such as sshd's StrictModes wants them. */
    repairModes: z.boolean().default(false),
    message: z.string().trim().max(500).default(""),
  })
  .refine(({ add, remove, repairModes }) => add.length + remove.length > 0 !== repairModes, {
    message: "Lines are to change, or modes, not both and not neither.",
  });
