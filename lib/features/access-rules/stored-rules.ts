import type { Assertion } from "@/lib/access/assertions/assertion";
import { isAbout } from "@/lib/access/assertions/scope";
import type { Db, Transaction } from "@/lib/db/client";
import { AssertionForm } from "@/lib/features/access-rules/schema";
import type { RuleSeverity } from "@/lib/features/access-rules/views";
import type { AccessRule } from "@/lib/generated/prisma/client";

/** A rule that is in force. */
export interface RuleInForce {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly severity: RuleSeverity;
  /** Null: what is stored is none that this version understands; nothing can be said to hold then. */
  readonly assertion: Assertion | null;
}

/** What was stored as the form of a rule; null when this version does not understand it. */
export function readAssertion({ assertion }: Pick<AccessRule, "assertion">): Assertion | null {
  return AssertionForm.safeParse(assertion).data ?? null;
}

/** "warn" is the word for warning only; whatever else stands there blocks. */
export function readSeverity({ severity }: Pick<AccessRule, "severity">): RuleSeverity {
  return severity === "warn" ? "warn" : "block";
}

/** Every enabled rule, by name. */
export async function listRulesInForce(db: Db | Transaction): Promise<RuleInForce[]> {
  const rules = await db.accessRule.findMany({
    where: { isEnabled: true },
    orderBy: [{ name: "asc" }, { id: "asc" }],
  });
  return rules.map((rule) => ({
    id: rule.id,
    name: rule.name,
    version: rule.version,
    severity: readSeverity(rule),
    assertion: readAssertion(rule),
  }));
}

/** The rules that are about a host. One that is not understood may be about any. */
export function rulesAbout(
  rules: readonly RuleInForce[],
  host: { readonly name: string; readonly tags: readonly string[] },
): RuleInForce[] {
  return rules.filter(({ assertion }) => assertion === null || isAbout(assertion, host));
}

/** Names of people for the sentences of rules. */
export async function namesOfPeople(db: Db | Transaction): Promise<(personId: string) => string | undefined> {
  const people = await db.person.findMany({ select: { id: true, name: true } });
  const names = new Map(people.map(({ id, name }) => [id, name]));
  return (personId) => names.get(personId);
}
