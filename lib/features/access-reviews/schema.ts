import { z } from "zod";
import { areVisibleLines, isVisibleText, notVisible } from "@/lib/text";

/** More ways are not frozen in one campaign: nobody decides so many one by one. */
export const mostItems = 10_000;
/** Hosts that can be chosen one by one. */
const mostHosts = 500;
/** Decisions that one request carries. */
const mostDecisions = 1000;

/** Which hosts a campaign is about. Archived hosts are never in it. */
export const ReviewScope = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("all") }),
  z.strictObject({ kind: z.literal("tag"), tag: z.string().trim().min(1, "Choose a tag.").max(40) }),
  z.strictObject({
    kind: z.literal("hosts"),
    hostIds: z.array(z.uuid()).min(1, "Choose a host.").max(mostHosts),
  }),
]);
export type ReviewScope = z.output<typeof ReviewScope>;

/** The name of an account, "*" for any characters. */
const AccountPattern = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^[^\s\p{Cc}\p{Cf}]+$/u, "A name of an account; * stands for any characters.");

const Reviewers = z.array(z.uuid()).min(1, "Choose who decides.").max(20);

const ScopeFields = {
  scope: ReviewScope,
  accounts: z.array(AccountPattern).max(50).default([]),
};

export const PreviewReviewInput = z.strictObject({
  /** ReviewScope as JSON: it stands in an address. */
  scope: z.string().max(50_000),
  accounts: z.string().max(4000).default(""),
});

export const ScopeInput = z.strictObject(ScopeFields);

export const OpenReviewInput = z.strictObject({
  name: z.string().trim().min(1, "Give the review a name.").max(120).refine(isVisibleText, notVisible),
  ...ScopeFields,
  /** People who decide, each about every host. */
  reviewerIds: Reviewers,
  /** For these hosts others decide. */
  hostReviewers: z
    .array(z.strictObject({ hostId: z.uuid(), reviewerIds: Reviewers }))
    .max(mostHosts)
    .default([]),
  dueAt: z.iso.datetime(),
});

export const ReviewId = z.strictObject({ reviewId: z.uuid() });

export const decisions = ["confirm", "revoke"] as const;
export type Decision = (typeof decisions)[number];

const Reason = z
  .string()
  .trim()
  .max(500, "At most 500 characters.")
  .refine(areVisibleLines, notVisible)
  .default("");

export const DecideInput = z.strictObject({
  reviewId: z.uuid(),
  /** "undecided" takes a decision back. */
  decision: z.enum([...decisions, "undecided"]),
  reason: Reason,
  /** Each with the version that the reviewer saw: what was decided meanwhile is not overwritten. */
  items: z
    .array(z.strictObject({ number: z.number().int().positive(), version: z.number().int().min(0) }))
    .min(1, "Choose a way.")
    .max(mostDecisions),
});

/** What a person wants to see of a campaign; all of it stands in the address of the page. */
export const ReviewFilter = z.strictObject({
  /** In the account, the host, the key's comment or fingerprint, the person, the address. */
  q: z.string().max(200).default(""),
  state: z.enum(["", "undecided", "confirm", "revoke", "open", "gone"]).default(""),
  /** Only what the viewer decides. */
  mine: z.enum(["", "yes"]).default(""),
  host: z.union([z.literal(""), z.uuid()]).default(""),
  account: z.string().max(200).default(""),
  /** A person's id, or "nobody" for ways whose key is nobody's. */
  person: z.union([z.literal(""), z.literal("nobody"), z.uuid()]).default(""),
  group: z.enum(["host", "person", "account"]).default("host"),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
});
export type ReviewFilter = z.output<typeof ReviewFilter>;

export const ReviewInput = z.strictObject({ reviewId: z.uuid(), ...ReviewFilter.shape });

const { group: _, page: __, state: ___, mine: ____, ...Narrowing } = ReviewFilter.shape;

/** Decides about every undecided way of the actor that fits, however many pages they fill. */
export const DecideAllInput = z.strictObject({
  reviewId: z.uuid(),
  decision: z.enum(decisions),
  reason: Reason,
  filter: z.strictObject(Narrowing),
  /** As many as the reviewer was told: when there are more or fewer by now, nothing is decided. */
  expected: z.number().int().positive(),
});

export const SetReviewersInput = z.strictObject({
  reviewId: z.uuid(),
  /** Empty: for all hosts of the campaign. */
  hostIds: z.array(z.uuid()).max(mostHosts).default([]),
  reviewerIds: Reviewers,
});

export const CloseReviewInput = z.strictObject({ reviewId: z.uuid(), reason: Reason });

export const EvidenceInput = z.strictObject({
  reviewId: z.uuid(),
  format: z.enum(["json", "csv"]).default("json"),
});

export const NoInput = z.strictObject({});

export const RevocationFilter = z.strictObject({
  q: z.string().max(200).default(""),
  state: z.enum(["open", "gone", ""]).default("open"),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
});
export type RevocationFilter = z.output<typeof RevocationFilter>;

/** What a person wants to see of what is different since the last review. */
export const DriftFilter = z.strictObject({
  q: z.string().max(200).default(""),
  kind: z.enum(["", "appeared", "vanished", "changed", "looser"]).default(""),
  host: z.union([z.literal(""), z.uuid()]).default(""),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
});
export type DriftFilter = z.output<typeof DriftFilter>;

export const HostDriftInput = z.strictObject({ hostId: z.uuid() });
