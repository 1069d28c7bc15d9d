import { z } from "zod";
import { timing } from "@/lib/change/timing";
import { ConfigText } from "@/lib/features/config/schema";
import { isVisibleText, notVisible } from "@/lib/text";

export const ChangeId = z.strictObject({ changeId: z.uuid() });

/** Makes a change out of a text: the worker asks the host what it would do (the plan). */
export const PlanChangeInput = z.strictObject({
  fileId: z.uuid(),
  baseSha256: z.string().regex(/^[0-9a-f]{64}$/),
  content: ConfigText,
  message: z.string().trim().max(500).refine(isVisibleText, notVisible).default(""),
});

export const ApplyChangeInput = z.strictObject({
  changeId: z.uuid(),
  deadlineSeconds: z
    .number()
    .int()
    .min(timing.deadlineSeconds.minimum)
    .max(timing.deadlineSeconds.maximum)
    .optional(),
  keepBy: z.enum(["login", "person"]),
  /** Apply although the management account, or every way into some account, would be lost: the host's name, typed. */
  override: z.strictObject({ hostName: z.string() }).optional(),
});

export const RestoreVersionInput = z.strictObject({
  versionId: z.uuid(),
  message: z.string().trim().max(500).refine(isVisibleText, notVisible).default(""),
});

export const ChangeListInput = z.object({
  hostId: z.uuid().optional(),
  state: z.enum(["", "pending", "confirmed", "rolled_back", "refused", "planned"]).default(""),
  q: z.string().max(200).default(""),
  page: z.coerce.number().int().min(1).default(1),
});
