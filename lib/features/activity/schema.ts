import { z } from "zod";

export const ActivityListInput = z.object({
  q: z.string().max(200).default(""),
  action: z.string().max(60).default(""),
  outcome: z.enum(["", "intent", "done", "refused", "failed"]).default(""),
  actorId: z.uuid().optional(),
  targetType: z.string().max(40).optional(),
  targetId: z.uuid().optional(),
  before: z.string().regex(/^\d+$/).optional(),
  limit: z.coerce.number().int().min(10).max(500).default(100),
});
