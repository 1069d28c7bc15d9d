import { z } from "zod";
import { keyDemands } from "@/lib/access/key-policy";
import { isPlainName } from "@/lib/access/key-policy-block";
import { areVisibleLines, notVisible } from "@/lib/text";

/** A page of hosts, and what is planned at once. */
export const hostsPerPage = 20;

export const Demands = z
  .array(z.enum(keyDemands))
  .min(1, "Choose at least one demand.")
  .max(keyDemands.length)
  .transform((demands) => keyDemands.filter((demand) => demands.includes(demand)));

const demanded = {
  demands: Demands,
  /** Robots, which touch nothing. */
  exceptAccounts: z
    .array(z.string().max(64).refine(isPlainName, "The name of an account, without blanks and patterns."))
    .max(50, "At most 50.")
    .default([])
    .transform((names) => [...new Set(names)].sort()),
  note: z.string().trim().max(500).refine(areVisibleLines, notVisible).default(""),
};

export const CreateKeyPolicyInput = z
  .strictObject({
    /** One host, or every host with the tag. */
    hostId: z.uuid().optional(),
    tag: z.string().trim().min(1).max(64).optional(),
    ...demanded,
  })
  .refine(({ hostId, tag }) => (hostId === undefined) !== (tag === undefined), "Name a host or a tag.");

/** `version`: the one that the person had before him. */
export const ChangeKeyPolicyInput = z.strictObject({
  policyId: z.uuid(),
  version: z.number().int().min(1),
  ...demanded,
});

export const KeyPolicyId = z.strictObject({ policyId: z.uuid() });
export const NoPolicyInput = z.strictObject({});
export const PolicyHostId = z.strictObject({ hostId: z.uuid() });

/** Changes that make hosts demand what is wanted there. */
export const PlanKeyPolicyInput = z.strictObject({
  hostIds: z.array(z.uuid()).min(1, "Choose a host.").max(hostsPerPage, `At most ${hostsPerPage} at once.`),
});

const ChangeIds = z
  .array(z.uuid())
  .min(1, "Choose a change.")
  .max(hostsPerPage, `At most ${hostsPerPage} at once.`);

/** Planned changes of a policy's hosts, each with the plan that the person has seen. */
export const ApplyKeyPolicyInput = z.strictObject({
  policyId: z.uuid(),
  changeIds: ChangeIds,
  /** Names the plans (`digestOfPlans`). */
  seen: z.string().regex(/^[0-9a-f]{64}$/),
});

/** Changes of a policy's hosts that wait for a person. */
export const KeepKeyPolicyInput = z.strictObject({ policyId: z.uuid(), changeIds: ChangeIds });

/** What stands in the address of a policy's page. */
export const PolicyPage = z.object({ page: z.coerce.number().int().min(1).max(10_000).default(1) });
export const KeyPolicyInput = z.object({ policyId: z.uuid(), ...PolicyPage.shape });
