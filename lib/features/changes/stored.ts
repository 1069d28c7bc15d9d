import { z } from "zod";
import { Offence } from "@/lib/features/access-rules/schema";
import type { PlanRuleView } from "@/lib/features/access-rules/views";
import type {
  AccessChangeList,
  AskedAccountView,
  ChangePlanView,
  ChangeView,
  PlanAccessView,
  TwoFactorPlanView,
  WitnessView,
} from "@/lib/features/changes/views";
import type { Prisma } from "@/lib/generated/prisma/client";

// JSON columns of a change: what an older version of us wrote is data like any other, and is parsed.

const AccessChanges: z.ZodType<AccessChangeList> = z.object({
  total: z.number(),
  rows: z.array(
    z.object({
      account: z.string(),
      person: z.string().nullable(),
      fingerprint: z.string().nullable(),
      comment: z.string().nullable(),
      methods: z.string(),
      before: z.string().nullable(),
      after: z.string().nullable(),
      why: z.array(z.object({ text: z.string(), source: z.string().nullable() })),
    }),
  ),
});
const Accounts = z.object({ total: z.number(), accounts: z.array(z.string()) });

const Access: z.ZodType<PlanAccessView> = z.object({
  obstacle: z.string().nullable(),
  readAt: z.string().nullable(),
  isStale: z.boolean(),
  isCertain: z.boolean(),
  gains: AccessChanges,
  loses: AccessChanges,
  weakened: AccessChanges,
  strengthened: AccessChanges,
  moved: AccessChanges,
  shutOut: Accounts,
  doubtful: Accounts,
});

const Rule: z.ZodType<PlanRuleView> = z.object({
  ruleId: z.string(),
  name: z.string(),
  sentence: z.string(),
  severity: z.enum(["block", "warn"]),
  effect: z.enum(["breaks", "doubts", "unknown", "stays-broken", "stays-unclear", "mends"]),
  isBlocking: z.boolean(),
  total: z.number(),
  offences: z.array(Offence),
  obstacle: z.string().nullable(),
});

const Step = z.enum(["off", "optional", "required"]);
const AskedAccount: z.ZodType<AskedAccountView> = z.object({
  account: z.string(),
  persons: z.array(z.string()),
  before: z.array(z.string()),
  after: z.array(z.string()),
  asked: z.enum(["code", "code-later", "security-key", "key", "other", "nothing"]),
  secret: z.enum(["good", "broken", "none"]),
  exception: z.string().nullable(),
});
const TwoFactor: z.ZodType<TwoFactorPlanView> = z.object({
  from: Step,
  step: Step,
  problems: z.array(z.object({ account: z.string().nullable(), text: z.string() })),
  accounts: z.object({ total: z.number(), rows: z.array(AskedAccount) }),
  proof: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("login"), accounts: z.array(z.string()) }),
    z.object({ kind: z.literal("person"), why: z.string() }),
  ]),
});

const Witness: z.ZodType<WitnessView> = z.object({
  account: z.string(),
  at: z.string(),
  method: z.string(),
  address: z.string().nullable(),
});

const Plan: z.ZodType<ChangePlanView> = z.object({
  test: z.object({
    code: z.number(),
    lines: z.array(z.object({ text: z.string(), path: z.string().nullable(), line: z.number().nullable() })),
  }),
  effective: z.array(
    z.object({
      for: z.string(),
      keyword: z.string(),
      before: z.array(z.string()),
      after: z.array(z.string()),
    }),
  ),
  management: z.object({
    getsIn: z.boolean(),
    reasons: z.array(z.string()),
    doubts: z.array(z.string()).default([]),
  }),
  touches: z.array(
    z.object({
      keyword: z.string(),
      risk: z.enum(["execute", "access", "network", "crypto", "session", "log"]),
    }),
  ),
  needsPerson: z.boolean(),
  needsExecutePermission: z.boolean(),
  access: Access.nullable().default(null),
  rules: z.array(Rule).nullable().default(null),
  twoFactor: TwoFactor.nullable().default(null),
  readAt: z.string(),
});

const Proof: z.ZodType<NonNullable<ChangeView["proof"]>> = z.object({
  loginAt: z.string(),
  generation: z.string(),
  liveSha256: z.string(),
  address: z.string(),
  hostKey: z.string(),
});

/** The plan of a change; null where there is none, or none that this version understands: the host is asked again. */
export function readPlan(column: Prisma.JsonValue | null): ChangePlanView | null {
  return Plan.safeParse(column).data ?? null;
}

/** The proof of a change; null where there is none. */
export function readProof(column: Prisma.JsonValue | null): ChangeView["proof"] {
  return Proof.safeParse(column).data ?? null;
}

/** The login that the host saw while a change of the second factor was open; null where there is none. */
export function readWitness(column: Prisma.JsonValue | null): WitnessView | null {
  return Witness.safeParse(column).data ?? null;
}

/** A plan as its column takes it: without the characters that a host may send and PostgreSQL refuses. */
export function writePlan(plan: ChangePlanView): Prisma.InputJsonObject {
  return JSON.parse(
    JSON.stringify(plan, (_, value) =>
      typeof value === "string" ? value.replaceAll("\0", "\uFFFD").toWellFormed() : value,
    ),
  );
}
