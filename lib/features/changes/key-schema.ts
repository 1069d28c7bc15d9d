import { z } from "zod";
import { KeyOptionsInput } from "@/lib/features/placements/key-options";
import { isVisibleText, notVisible } from "@/lib/text";

const Path = z
  .string()
  .max(1024)
  .regex(/^\/[^\u0000-\u001f\u007f]*$/, "An absolute path.");

export const Fingerprint = z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/);

/** A line of a key file as somebody saw it. */
export const SeenLine = z.strictObject({
  /** From 1. */
  line: z.number().int().min(1),
  /** Of its bytes, without the blanks and the line end behind it. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

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
    /** Lines as the host's page shows them. One that is otherwise by then is not touched, and the plan refused. */
    remove: z
      .array(z.strictObject({ fingerprint: Fingerprint, seen: SeenLine }))
      .max(100)
      .default([]),
    /** Alone: make the modes of the file and of the directories on its way such as sshd's StrictModes wants them. */
    repairModes: z.boolean().default(false),
    message: z.string().trim().max(500).refine(isVisibleText, notVisible).default(""),
  })
  .refine(({ add, remove, repairModes }) => add.length + remove.length > 0 !== repairModes, {
    message: "Lines are to change, or modes, not both and not neither.",
  });
