import type { Assertion } from "@/lib/access/assertions/assertion";
import { printAssertion } from "@/lib/access/assertions/print-assertion";
import type { Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { askForAllChecks } from "@/lib/features/access-rules/check-rules";
import { ChangeRuleInput, CreateRuleInput, RuleId, TryRuleInput } from "@/lib/features/access-rules/schema";
import { namesOfPeople, readAssertion } from "@/lib/features/access-rules/stored-rules";
import { tryRule as tryIt } from "@/lib/features/access-rules/try-rule";
import { type CommandContext, command } from "@/lib/usecase";

/** More rules than anybody reads; each is held against every host. */
const mostRules = 200;

/** Makes a rule; every host is checked by it at once. */
export const createRule = command({
  name: "access-rule.create",
  permission: "access:rules",
  stepUp: true,
  input: CreateRuleInput,
  async run({ assertion, ...rule }, { db, actor, now, record }) {
    await lockRules(db);
    if ((await db.accessRule.count()) >= mostRules)
      throw new AppError(
        "conflict",
        `There are ${mostRules} rules already. Remove one that is no longer needed.`,
      );
    await requirePeople(db, assertion);
    const by = { authorId: actor.personId, createdAt: now, updatedById: actor.personId, updatedAt: now };
    const { id } = await db.accessRule.create({ data: { ...rule, assertion: jsonOf(assertion), ...by } });
    const { severity, isEnabled, reason } = rule;
    record({
      target: { type: "rule", id, name: rule.name },
      detail: { sentence: await sentenceOf(db, assertion), severity, isEnabled, reason },
    });
    await askForAllChecks(db);
    return { ruleId: id };
  },
});

/** Edits a rule. Who began with an older version is told, and nothing is lost. */
export const changeRule = command({
  name: "access-rule.change",
  permission: "access:rules",
  stepUp: true,
  input: ChangeRuleInput,
  async run({ ruleId, version, assertion, ...rule }, context) {
    const { db, actor, now, record } = context;
    const before = await requireRule(context, ruleId);
    await requirePeople(db, assertion);
    const { count } = await db.accessRule.updateMany({
      where: { id: ruleId, version },
      data: {
        ...rule,
        assertion: jsonOf(assertion),
        version: { increment: 1 },
        updatedById: actor.personId,
        updatedAt: now,
      },
    });
    if (count === 0) {
      const by = await db.person.findUnique({ where: { id: before.updatedById }, select: { name: true } });
      throw new AppError(
        "conflict",
        `${by?.name ?? "Somebody"} changed this rule in the meantime. Load the page again and look at it before you save yours.`,
      );
    }
    const old = readAssertion(before);
    const { severity, isEnabled, reason } = rule;
    record({
      target: { type: "rule", id: ruleId, name: rule.name },
      detail: {
        sentence: await sentenceOf(db, assertion),
        severity,
        isEnabled,
        reason,
        before: {
          sentence: old ? await sentenceOf(db, old) : null,
          severity: before.severity,
          isEnabled: before.isEnabled,
        },
      },
    });
    await askForAllChecks(db);
    return { ruleId };
  },
});

/** Takes a rule away. What it said stays in the activity. */
export const removeRule = command({
  name: "access-rule.remove",
  permission: "access:rules",
  stepUp: true,
  input: RuleId,
  async run({ ruleId }, context) {
    const { db, record } = context;
    const rule = await requireRule(context, ruleId);
    const assertion = readAssertion(rule);
    record({
      detail: { sentence: assertion ? await sentenceOf(db, assertion) : null, reason: rule.reason },
    });
    await db.accessRule.delete({ where: { id: ruleId } });
    await askForAllChecks(db);
    return {};
  },
});

/** What a rule that is not saved yet would come to, by what was last read on the hosts. Changes nothing. */
export const tryRule = command({
  name: "access-rule.try",
  permission: "access:rules",
  recorded: false,
  input: TryRuleInput,
  prepare: ({ assertion }, { db, now }) => tryIt(db, assertion, now),
  async run(_, { prepared }) {
    return prepared;
  },
});

async function requireRule({ db, record }: CommandContext, ruleId: string) {
  await lockRules(db);
  const rule = await db.accessRule.findUnique({ where: { id: ruleId } });
  if (!rule) throw new AppError("not_found", "There is no such rule.");
  record({ target: { type: "rule", id: rule.id, name: rule.name } });
  return rule;
}

/** One writer of rules at a time, so that they are counted rightly and nobody applies a change in between. */
async function lockRules(db: Transaction): Promise<void> {
  await db.$executeRaw`LOCK TABLE "AccessRule" IN SHARE ROW EXCLUSIVE MODE`;
}

/** Refuses people that there are none of: the rule would be about nobody. */
async function requirePeople(db: Transaction, assertion: Assertion): Promise<void> {
  const subjects =
    assertion.quantifier === "nobody"
      ? []
      : assertion.quantifier === "only"
        ? assertion.subjects
        : [assertion.subject];
  const ids = [
    ...new Set(subjects.flatMap((subject) => (subject.kind === "person" ? [subject.personId] : []))),
  ];
  const known = await db.person.count({ where: { id: { in: ids } } });
  if (known < ids.length)
    throw new AppError("invalid", "A person of this rule does not exist any more. Choose the people again.", {
      fields: { assertion: "A person does not exist any more." },
    });
}

const sentenceOf = async (db: Transaction, assertion: Assertion) =>
  printAssertion(assertion, await namesOfPeople(db));

/** A plain copy, as the column takes it. */
const jsonOf = (assertion: Assertion) => JSON.parse(JSON.stringify(assertion));
