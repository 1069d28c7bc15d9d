import { z } from "zod";
import { Fingerprint } from "@/lib/features/changes/key-schema";
import { isVisibleText, notVisible } from "@/lib/text";

/** What a batch is for. */
export const batchKinds = ["place", "withdraw", "remove", "expire", "offboard"] as const;
export type BatchKind = (typeof batchKinds)[number];

/** Where a host's part in a batch stands. */
export const batchHostStates = [
  /** The host is being read: only that says what is there. */
  "reading",
  /** The changes are being planned on the host. */
  "planning",
  /** The plans are there, and a person has not confirmed them. */
  "planned",
  /** Confirmed; a change is on its way. */
  "applying",
  /** The host cannot be asked now; it is tried again by itself. */
  "waiting",
  /** A loss that nobody has confirmed would come of it. */
  "asks",
  /** A person has to look; it is not tried again by itself. */
  "refused",
  /** A reading after the last change shows what is wished. */
  "done",
  "cancelled",
] as const;
export type BatchHostState = (typeof batchHostStates)[number];

/** What is wished of a host: the column KeyBatchHost.wishes. */
export const Wish = z.discriminatedUnion("kind", [
  /** A grant's key comes to the account, as long as it is wanted there. */
  z.object({
    kind: z.literal("place"),
    account: z.string(),
    keyId: z.uuid(),
    fingerprint: Fingerprint,
  }),
  /** The key's lines leave the account, as long as they are unwanted there. */
  z.object({ kind: z.literal("withdraw"), account: z.string(), fingerprint: Fingerprint }),
  /** Every line of the key goes, wherever it stands. */
  z.object({ kind: z.literal("remove"), fingerprint: Fingerprint }),
  /** Every line of the key opens nothing from then on. */
  z.object({ kind: z.literal("expire"), fingerprint: Fingerprint, at: z.iso.datetime() }),
]);
export type Wish = z.output<typeof Wish>;
export const Wishes = z.array(Wish).min(1).max(5000);

/** A batch out of grants: everything that is wanted and not there, or there and not wanted, as far as was read. */
export const WantedBatchInput = z
  .strictObject({
    kind: z.enum(["place", "withdraw"]),
    /** At least one of the three; all that are given narrow it down. */
    personId: z.uuid().optional(),
    tag: z.string().trim().min(1).max(64).optional(),
    hostIds: z.array(z.uuid()).min(1).max(1000).optional(),
    account: z.string().min(1).max(256).optional(),
  })
  .refine(({ personId, tag, hostIds }) => personId ?? tag ?? hostIds, "Name a person, a tag or hosts.");

const fingerprints = z.array(Fingerprint).min(1).max(200);

/** A batch about keys that were found on hosts, wherever they stand. */
export const FoundBatchInput = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("remove"), fingerprints }),
  z.strictObject({ kind: z.literal("expire"), fingerprints, at: z.iso.datetime() }),
]);

export const BatchId = z.strictObject({ batchId: z.uuid() });

export const ConfirmBatchInput = z.strictObject({
  batchId: z.uuid(),
  /** Names what the person has seen: hosts, files and losses. Anything else is not confirmed. */
  seen: z.string().regex(/^[0-9a-f]{64}$/),
  /** How many hosts and losses, typed by the person where accounts lose their last way in. */
  typed: z.string().max(200).default(""),
});

export const RetryBatchInput = z.strictObject({
  batchId: z.uuid(),
  /** One host; all that were refused when left out. */
  hostId: z.uuid().optional(),
});

export const BatchListInput = z.object({ page: z.coerce.number().int().min(1).default(1) });

export const BatchInput = z.object({
  batchId: z.uuid(),
  state: z.enum(["", "open", ...batchHostStates]).default(""),
  page: z.coerce.number().int().min(1).default(1),
});
export type BatchInput = z.output<typeof BatchInput>;

/** The list of found keys, by fingerprint. */
export const FoundKeysInput = z.object({
  /** Words in the comment, the fingerprint, the account, the host or the person. */
  q: z.string().trim().max(200).default(""),
  host: z.string().trim().max(200).default(""),
  account: z.string().trim().max(256).default(""),
  tag: z.string().trim().max(64).default(""),
  /** Whose it is: nobody's; claimed and not proved; somebody's; somebody's who has left. */
  owner: z.enum(["", "nobody", "claimed", "owned", "left"]).default("nobody"),
  type: z.string().trim().max(100).default(""),
  used: z.enum(["", "recently", "never"]).default(""),
  sort: z.enum(["places", "used", "seen", "comment"]).default("places"),
  page: z.coerce.number().int().min(1).max(100_000).default(1),
});
export type FoundKeysInput = z.output<typeof FoundKeysInput>;

export const FoundKeyInput = z.object({
  fingerprint: Fingerprint,
  page: z.coerce.number().int().min(1).max(100_000).default(1),
});

export const AdoptKeyInput = z.strictObject({
  fingerprint: Fingerprint,
  personId: z.uuid(),
  name: z.string().trim().min(1, "Give it a name.").max(100).refine(isVisibleText, notVisible),
});

export const OffboardInput = z.strictObject({
  personId: z.uuid(),
  /** Keys that were claimed for the person and never proved: they go, too. */
  claimedKeyIds: z.array(z.uuid()).max(100).default([]),
  /** Accounts that only this person can log in to, as they were shown: they lose their last way in. Root's is asked for. */
  alone: z
    .array(z.strictObject({ hostId: z.uuid(), account: z.string().max(256) }))
    .max(200)
    .default([]),
  /** The person's login, typed. */
  login: z.string().max(200),
});

export const PersonInput = z.strictObject({ personId: z.uuid() });
