import { z } from "zod";
import { refuseNetwork } from "@/lib/access/assertions/address-set";
import { type Assertion, methodScopes } from "@/lib/access/assertions/assertion";
import type { RuleAnswerView, RuleOffenceView } from "@/lib/features/access-rules/views";
import { areVisibleLines, isVisibleText, notVisible } from "@/lib/text";

/** More than a rule that people still understand; a limit for what is stored. */
const mostItems = 50;

/** One word of a pattern, tag or name: what a comma, a blank or a control character would hide is refused. */
const Word = (what: string) =>
  z
    .string()
    .trim()
    .min(1, `Name ${what}.`)
    .max(255)
    .regex(/^[^\s,\p{C}]+$/u, "Without blanks and commas: give each its own entry.");
const listOf = <Item extends z.ZodType>(item: Item, what: string) =>
  z.array(item).min(1, `Name at least one ${what}.`).max(mostItems, `At most ${mostItems}.`).readonly();

const Network = z
  .string()
  .trim()
  .toLowerCase()
  .max(64)
  .superRefine((text, context) => {
    const refusal = refuseNetwork(text);
    if (refusal !== undefined) context.addIssue({ code: "custom", message: refusal });
  });

const Hosts = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("all") }),
  z.strictObject({ kind: z.literal("tags"), tags: listOf(Word("a tag"), "tag") }),
  z.strictObject({ kind: z.literal("names"), patterns: listOf(Word("a host"), "host") }),
]);
const Accounts = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("all") }),
  z.strictObject({ kind: z.literal("root") }),
  z.strictObject({ kind: z.literal("names"), patterns: listOf(Word("an account"), "account") }),
]);
const Addresses = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("any") }),
  z.strictObject({ kind: z.literal("inside"), networks: listOf(Network, "network") }),
  z.strictObject({ kind: z.literal("outside"), networks: listOf(Network, "network") }),
]);
const SubjectInput = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("person"), personId: z.uuid("Choose a person.") }),
  z.strictObject({
    kind: z.literal("key"),
    fingerprint: z
      .string()
      .trim()
      .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, "A fingerprint as ssh-keygen -l prints it: SHA256:…"),
  }),
  z.strictObject({ kind: z.literal("account"), name: Word("an account") }),
]);

const ways = {
  hosts: Hosts,
  accounts: Accounts,
  addresses: Addresses,
  methods: z.enum(methodScopes),
};

/** The typed form of a rule: from a browser, and in the column AccessRule.assertion. */
export const AssertionForm: z.ZodType<Assertion> = z.discriminatedUnion("quantifier", [
  z.strictObject({ quantifier: z.literal("nobody"), ...ways }),
  z.strictObject({
    quantifier: z.literal("only"),
    subjects: listOf(SubjectInput, "person, key or account"),
    ...ways,
  }),
  z.strictObject({
    quantifier: z.literal("always"),
    subject: SubjectInput,
    hosts: Hosts,
    accounts: Accounts,
    addresses: Addresses,
    session: z.enum(["free", "any"]),
  }),
]);

const rule = {
  name: z.string().trim().min(1, "Give the rule a name.").max(80).refine(isVisibleText, notVisible),
  reason: z
    .string()
    .trim()
    .min(1, "Say why, for whoever meets this rule later.")
    .max(500)
    .refine(areVisibleLines, notVisible),
  severity: z.enum(["block", "warn"]),
  isEnabled: z.boolean(),
  assertion: AssertionForm,
};

export const CreateRuleInput = z.strictObject(rule);
/** `version`: the one that the person had before him. */
export const ChangeRuleInput = z.strictObject({
  ruleId: z.uuid(),
  version: z.number().int().min(1),
  ...rule,
});
export const RuleId = z.strictObject({ ruleId: z.uuid() });
export const RuleHostId = z.strictObject({ hostId: z.uuid() });
export const NoRuleInput = z.strictObject({});
export const TryRuleInput = z.strictObject({ assertion: AssertionForm });

/** What a person wants to see of a rule's hosts; it stands in the address of the page. */
export const RuleFilter = z.strictObject({
  state: z.enum(["", "broken", "unclear", "holds", "waiting"]).default(""),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
});
export const RuleFilterInput = z.strictObject({ ruleId: z.uuid(), ...RuleFilter.shape });

export const Offence: z.ZodType<RuleOffenceView> = z.object({
  account: z.string().nullable(),
  person: z.string().nullable(),
  fingerprint: z.string().nullable(),
  comment: z.string().nullable(),
  methods: z.array(z.string()),
  from: z.array(z.string()),
  to: z.string().nullable(),
  reasons: z.array(z.string()),
  dependsOn: z.array(z.string()),
  why: z.array(z.object({ text: z.string(), source: z.string().nullable() })),
});

/** The column AccessRuleResult.view. */
export const StoredAnswer: z.ZodType<RuleAnswerView> = z.object({
  state: z.enum(["holds", "broken", "unclear"]),
  total: z.number(),
  offences: z.array(Offence),
  doubts: z.array(z.string()),
});
