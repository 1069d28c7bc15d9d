import { now } from "@/lib/clock";
import { prisma, type Transaction } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { answerView } from "@/lib/features/access-rules/answer-view";
import { answerOfRule, judgeReading } from "@/lib/features/access-rules/judge-host";
import { listRulesInForce, type RuleInForce, rulesAbout } from "@/lib/features/access-rules/stored-rules";
import type { RuleAnswerView } from "@/lib/features/access-rules/views";
import { listKeyOwners } from "@/lib/features/people/key-owners";
import type { Prisma } from "@/lib/generated/prisma/client";
import { enqueue } from "@/lib/jobs/enqueue";

/** Hosts whose ways in the rules speak of. */
export const judgedStates = ["managed", "key_changed"] as const;

/** Holds every rule that is about a host against what was last read there, and writes down what each came to. */
export async function checkRulesOfHost(hostId: string): Promise<void> {
  const db = prisma();
  const rules = await listRulesInForce(db);
  const host = await db.host.findUnique({ where: { id: hostId }, include: { access: true } });
  if (!host) return;
  const isJudged = judgedStates.some((state) => state === host.state);
  const about = isJudged ? rulesAbout(rules, host) : [];
  const reading = host.access;
  if (about.length === 0 || !reading?.facts || !reading.readAt) {
    await db.$transaction((tx) => recordAnswers(tx, hostId, [], now()));
    return;
  }
  const at = now();
  const people = await listKeyOwners(db);
  const judged = judgeReading({ facts: reading.facts, isConsistent: reading.isConsistent }, host, {
    at,
    people,
  });
  const answers = about.map((rule) => ({ rule, view: answerView(answerOfRule(rule, judged), people) }));
  const { readAt } = reading;
  await db.$transaction(async (tx) => {
    // A reading that came meanwhile has asked for a check of its own.
    const same = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM "AccessReading" WHERE "hostId" = ${hostId}::uuid AND "readAt" = ${readAt} FOR UPDATE`;
    if (same.length > 0) await recordAnswers(tx, hostId, answers, at);
  });
}

interface Answered {
  readonly rule: RuleInForce;
  readonly view: RuleAnswerView;
}

/** Makes the answers of a host those that are given; pages hear of it when one is another than before. */
async function recordAnswers(
  db: Transaction,
  hostId: string,
  answers: readonly Answered[],
  at: Date,
): Promise<void> {
  const old = await db.accessRuleResult.findMany({ where: { hostId } });
  const oldOf = new Map(old.map((result) => [result.ruleId, result]));
  const gone = old.filter(({ ruleId }) => !answers.some(({ rule }) => rule.id === ruleId));
  if (gone.length > 0)
    await db.accessRuleResult.deleteMany({
      where: { hostId, ruleId: { in: gone.map(({ ruleId }) => ruleId) } },
    });
  let news = gone.length;
  for (const { rule, view } of answers) {
    const before = oldOf.get(rule.id);
    const json: Prisma.InputJsonObject = JSON.parse(JSON.stringify(view));
    const data = {
      version: rule.version,
      state: view.state,
      offences: view.total,
      view: json,
      checkedAt: at,
    };
    const isSame =
      before !== undefined &&
      before.version === rule.version &&
      before.state === view.state &&
      JSON.stringify(sorted(before.view)) === JSON.stringify(sorted(json));
    if (!isSame) news++;
    // The rule may have been edited or removed since it was read: then another check is on its way.
    const same = await db.$queryRaw<unknown[]>`
      SELECT 1 FROM "AccessRule" WHERE id = ${rule.id}::uuid AND version = ${rule.version} FOR SHARE`;
    if (same.length === 0) continue;
    const since = before?.state === view.state ? before.since : at;
    await db.accessRuleResult.upsert({
      where: { ruleId_hostId: { ruleId: rule.id, hostId } },
      create: { ruleId: rule.id, hostId, since, ...data },
      update: { since, ...data },
    });
  }
  if (news === 0) return;
  await appendEvent(db, { topic: "access-rules", kind: "checked", data: { hostId } });
  await appendEvent(db, { topic: `host:${hostId}`, kind: "access-rules", data: {} });
}

/** JSON with its names in order: the database keeps another one. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, sorted(item)]),
  );
}

/** One waiting check a host, however often it is asked for. */
export async function askForCheck(db: Transaction, hostId: string): Promise<void> {
  await enqueue(
    db,
    "access-rules.check",
    { hostId },
    { jobKey: `access-rules.check:${hostId}`, priority: 5 },
  );
}

/** Has every host checked: a rule, a tag or whose key something is may have become another. */
export async function askForAllChecks(db: Transaction): Promise<void> {
  await enqueue(db, "access-rules.check-all", {}, { jobKey: "access-rules.check-all", priority: 4 });
}
