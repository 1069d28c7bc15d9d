import { type AssertionAnswer, newOffences, type Offence } from "@/lib/access/assertions/offence";
import { printAssertion } from "@/lib/access/assertions/print-assertion";
import type { KeyOwner } from "@/lib/access/who-can-log-in";
import { offenceViews } from "@/lib/features/access-rules/answer-view";
import { answerOfRule, type JudgedHost } from "@/lib/features/access-rules/judge-host";
import type { RuleInForce } from "@/lib/features/access-rules/stored-rules";
import type { PlanRuleView } from "@/lib/features/access-rules/views";

interface Context {
  readonly people: readonly KeyOwner[];
  readonly nameOf: (personId: string) => string | undefined;
}

/**
 * What a change does to rules that are about its host; rules that it does not touch are left out.
 *
 * A blocking rule refuses a change that breaks it, breaks it further, or after which it cannot be told any more. What was
 * broken before and is not made worse does not stand in the way: it is said.
 */
export function judgePlanRules(
  rules: readonly RuleInForce[],
  before: JudgedHost,
  after: JudgedHost,
  context: Context,
): PlanRuleView[] {
  return rules.flatMap((rule) => {
    const was = answerOfRule(rule, before);
    const is = answerOfRule(rule, after);
    const { effect, offences } = effectOf(was, is);
    if (effect === "none") return [];
    const isWorse = effect === "breaks" || effect === "doubts";
    return [
      {
        ...named(rule, context),
        effect,
        isBlocking: isWorse && rule.severity === "block",
        total: offences.length,
        offences: offenceViews(offences, context.people),
        obstacle: is.doubts[0] ?? null,
      },
    ];
  });
}

function effectOf(
  was: AssertionAnswer,
  is: AssertionAnswer,
): { effect: Exclude<PlanRuleView["effect"], "unknown"> | "none"; offences: readonly Offence[] } {
  if (is.state === "holds") return { effect: was.state === "holds" ? "none" : "mends", offences: [] };
  const added = newOffences(was, is);
  if (added.some(({ dependsOn }) => dependsOn.length === 0)) return { effect: "breaks", offences: added };
  if (added.length > 0 || was.state === "holds") return { effect: "doubts", offences: added };
  return { effect: is.state === "broken" ? "stays-broken" : "stays-unclear", offences: is.offences };
}

/** The same for a host of which nothing can be judged: rules that block do so, until it can. */
export function unknownPlanRules(
  rules: readonly RuleInForce[],
  obstacle: string,
  isBlocking: boolean,
  context: Context,
): PlanRuleView[] {
  return rules.map((rule) => ({
    ...named(rule, context),
    effect: "unknown",
    isBlocking: isBlocking && rule.severity === "block",
    total: 0,
    offences: [],
    obstacle,
  }));
}

function named({ id, name, severity, assertion }: RuleInForce, { nameOf }: Context) {
  const sentence = assertion
    ? printAssertion(assertion, nameOf)
    : "This rule was written for another version of Gatehouse";
  return { ruleId: id, name, severity, sentence };
}
