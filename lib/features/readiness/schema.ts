import { z } from "zod";
import { Place } from "@/lib/features/host-codes/schema";
import { areVisibleLines, notVisible } from "@/lib/text";

/** The longest time for which somebody may answer for an account. */
export const mostExceptionDays = 366;

export const ReadinessInput = z.strictObject({ hostId: z.uuid() });

export const ExceptAccountInput = Place.extend({
  reason: z
    .string()
    .trim()
    .min(3, "Say why, for who reads it later.")
    .max(500)
    .refine(areVisibleLines, notVisible),
  endsAt: z.iso.datetime(),
});

export const ExceptionId = z.strictObject({ exceptionId: z.uuid() });

/**
 * What a host comes to: asks for codes already, and somebody is not ready, who may be shut out now; asks for them already;
 * could; misses something; nobody can tell.
 */
export const readinessStates = ["shut-out", "required", "ready", "missing", "doubt"] as const;
export type ReadinessState = (typeof readinessStates)[number];

/** The fleet: hosts by how ready they are. */
export const FleetReadinessInput = z.object({
  /** Words in the host's name. */
  q: z.string().trim().max(200).default(""),
  tag: z.string().trim().max(64).default(""),
  state: z.enum(["", ...readinessStates]).default(""),
  sort: z.enum(["missing", "name"]).default("missing"),
  page: z.coerce.number().int().min(1).max(100_000).default(1),
});
export type FleetReadinessInput = z.output<typeof FleetReadinessInput>;
