import { printAssertion } from "@/lib/access/assertions/print-assertion";
import { isAbout } from "@/lib/access/assertions/scope";
import type { Db } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { isStale } from "@/lib/features/access/freshness";
import { judgedStates } from "@/lib/features/access-rules/check-rules";
import { NoRuleInput, RuleFilterInput, RuleHostId, StoredAnswer } from "@/lib/features/access-rules/schema";
import { namesOfPeople, readAssertion, readSeverity } from "@/lib/features/access-rules/stored-rules";
import type {
  BrokenRuleView,
  RuleCounts,
  RuleFormView,
  RuleHostRow,
  RuleListView,
  RuleRow,
  RulesSummaryView,
  RuleView,
} from "@/lib/features/access-rules/views";
import { listKeyOwners } from "@/lib/features/people/key-owners";
import type { AccessRule } from "@/lib/generated/prisma/client";
import { can } from "@/lib/policy/permissions";
import { query } from "@/lib/usecase";

const perPage = 50;

/** Every rule with what it comes to over the fleet. */
export const listRules = query({
  name: "access-rule.list",
  permission: "access:read",
  input: NoRuleInput,
  async run(_, { db, actor }): Promise<RuleListView> {
    const [rules, hosts, nameOf] = await Promise.all([
      db.accessRule.findMany({ orderBy: [{ name: "asc" }, { id: "asc" }] }),
      judgedHosts(db),
      namesOfPeople(db),
    ]);
    const counted = await db.accessRuleResult.groupBy({ by: ["ruleId", "version", "state"], _count: true });
    const rows = rules.map((rule) => {
      const own = counted.filter(({ ruleId, version }) => ruleId === rule.id && version === rule.version);
      const countOf = (state: string) => own.find((one) => one.state === state)?._count ?? 0;
      return rowOf(rule, hosts, countOf, nameOf);
    });
    return { rules: rows.toSorted(byUrgency), mayWrite: can(actor.role, "access:rules") };
  },
});

/** Broken ones first, then unclear ones; switched off last. */
function byUrgency(a: RuleRow, b: RuleRow): number {
  const rank = ({ isEnabled, counts }: RuleRow) =>
    !isEnabled ? 3 : counts.broken > 0 ? 0 : counts.unclear > 0 ? 1 : 2;
  return rank(a) - rank(b);
}

interface JudgedHostRow {
  id: string;
  name: string;
  tags: string[];
}

function judgedHosts(db: Db): Promise<JudgedHostRow[]> {
  return db.host.findMany({
    where: { state: { in: [...judgedStates] } },
    select: { id: true, name: true, tags: true },
    orderBy: { name: "asc" },
  });
}

function rowOf(
  rule: AccessRule,
  hosts: readonly JudgedHostRow[],
  countOf: (state: string) => number,
  nameOf: (personId: string) => string | undefined,
): RuleRow {
  const assertion = readAssertion(rule);
  const about = assertion ? hosts.filter((host) => isAbout(assertion, host)).length : hosts.length;
  const [holds, broken, unclear] = [countOf("holds"), countOf("broken"), countOf("unclear")];
  const counts: RuleCounts = rule.isEnabled
    ? { holds, broken, unclear, waiting: Math.max(0, about - holds - broken - unclear) }
    : { holds: 0, broken: 0, unclear: 0, waiting: 0 };
  return {
    id: rule.id,
    name: rule.name,
    sentence: assertion
      ? printAssertion(assertion, nameOf)
      : "This rule was written for another version of Gatehouse",
    severity: readSeverity(rule),
    isEnabled: rule.isEnabled,
    counts,
    updatedAt: rule.updatedAt.toISOString(),
    isUnreadable: assertion === null,
  };
}

/** One rule, and what it comes to on each host that it is about. */
export const getRule = query({
  name: "access-rule.get",
  permission: "access:read",
  input: RuleFilterInput,
  async run({ ruleId, state, page }, { db, actor, now }): Promise<RuleView> {
    const rule = await db.accessRule.findUnique({ where: { id: ruleId } });
    if (!rule) throw new AppError("not_found", "There is no such rule.");
    const [hosts, nameOf, results] = await Promise.all([
      judgedHosts(db),
      namesOfPeople(db),
      db.accessRuleResult.findMany({
        where: { ruleId, version: rule.version },
        select: { hostId: true, state: true },
      }),
    ]);
    const stateOf = new Map(rule.isEnabled ? results.map((result) => [result.hostId, result.state]) : []);
    const assertion = readAssertion(rule);
    const about = assertion ? hosts.filter((host) => isAbout(assertion, host)) : hosts;
    const rank = (id: string) => ["broken", "unclear", undefined, "holds"].indexOf(stateOf.get(id));
    const fitting = about
      .filter(({ id }) => state === "" || (stateOf.get(id) ?? "waiting") === state)
      .toSorted((a, b) => rank(a.id) - rank(b.id));
    const shown = fitting.slice((page - 1) * perPage, page * perPage);
    const countOf = (wanted: string) => about.filter(({ id }) => stateOf.get(id) === wanted).length;
    return {
      ...rowOf(rule, hosts, countOf, nameOf),
      reason: rule.reason,
      version: rule.version,
      assertion,
      authorName: nameOf(rule.authorId) ?? "Somebody",
      createdAt: rule.createdAt.toISOString(),
      updatedByName: nameOf(rule.updatedById) ?? "Somebody",
      hosts: await hostRows(db, rule, shown, now),
      total: fitting.length,
      page,
      perPage,
      mayWrite: can(actor.role, "access:rules"),
    };
  },
});

async function hostRows(
  db: Db,
  rule: AccessRule,
  hosts: readonly JudgedHostRow[],
  now: Date,
): Promise<RuleHostRow[]> {
  const hostIds = hosts.map(({ id }) => id);
  const [results, readings] = await Promise.all([
    db.accessRuleResult.findMany({
      where: { ruleId: rule.id, version: rule.version, hostId: { in: rule.isEnabled ? hostIds : [] } },
    }),
    db.accessReading.findMany({
      where: { hostId: { in: hostIds } },
      select: { hostId: true, readAt: true, failedAt: true },
    }),
  ]);
  const resultOf = new Map(results.map((result) => [result.hostId, result]));
  const readingOf = new Map(readings.map((reading) => [reading.hostId, reading]));
  return hosts.map(({ id, name }): RuleHostRow => {
    const result = resultOf.get(id);
    const reading = readingOf.get(id);
    return {
      hostId: id,
      hostName: name,
      answer: (result && StoredAnswer.safeParse(result.view).data) ?? null,
      since: result?.since.toISOString() ?? null,
      checkedAt: result?.checkedAt.toISOString() ?? null,
      readAt: reading?.readAt?.toISOString() ?? null,
      isStale: reading ? isStale(reading, now) : true,
    };
  });
}

/** What the form of a rule offers to choose from. */
export const getRuleForm = query({
  name: "access-rule.form",
  permission: "access:rules",
  input: NoRuleInput,
  async run(_, { db }): Promise<RuleFormView> {
    const [people, owners, hosts] = await Promise.all([
      db.person.findMany({
        select: { id: true, name: true, login: true, disabledAt: true },
        orderBy: [{ name: "asc" }, { login: "asc" }],
      }),
      listKeyOwners(db),
      judgedHosts(db),
    ]);
    const withKey = new Set(owners.map(({ id }) => id));
    return {
      people: people.map(({ id, name, login, disabledAt }) => ({
        id,
        name,
        login,
        hasKey: withKey.has(id),
        hasLeft: disabledAt !== null,
      })),
      tags: [...new Set(hosts.flatMap(({ tags }) => tags))].sort(),
      hosts: hosts.map(({ name, tags }) => ({ name, tags })),
    };
  },
});

/** The rules that do not hold on a host, blocking and broken ones first. */
export const listBrokenRules = query({
  name: "access-rule.broken",
  permission: "access:read",
  input: RuleHostId,
  async run({ hostId }, { db }): Promise<BrokenRuleView[]> {
    const results = await db.accessRuleResult.findMany({
      where: { hostId, state: { not: "holds" }, rule: { isEnabled: true } },
      include: { rule: true },
    });
    const nameOf = await namesOfPeople(db);
    const rank = ({ state, severity }: BrokenRuleView) =>
      (state === "broken" ? 0 : 2) + (severity === "block" ? 0 : 1);
    return results
      .filter(({ version, rule }) => version === rule.version)
      .map(({ rule, state, since }): BrokenRuleView => {
        const assertion = readAssertion(rule);
        return {
          ruleId: rule.id,
          name: rule.name,
          sentence: assertion ? printAssertion(assertion, nameOf) : rule.name,
          severity: readSeverity(rule),
          state: state === "broken" ? "broken" : "unclear",
          since: since.toISOString(),
        };
      })
      .toSorted((a, b) => rank(a) - rank(b));
  },
});

/** What the rules come to over the fleet, for the overview. */
export const summarizeRules = query({
  name: "access-rule.summary",
  permission: "access:read",
  input: NoRuleInput,
  async run(input, context): Promise<RulesSummaryView> {
    const { rules } = await listRules.run(input, context);
    const enabled = rules.filter(({ isEnabled }) => isEnabled);
    const broken = enabled.filter(({ counts }) => counts.broken > 0);
    return {
      rules: enabled.length,
      unclear: enabled.filter(({ counts }) => counts.broken === 0 && counts.unclear > 0).length,
      broken: broken
        .toSorted((a, b) => b.counts.broken - a.counts.broken)
        .map(({ id, name, sentence, severity, counts }) => ({
          ruleId: id,
          name,
          sentence,
          severity,
          hosts: counts.broken,
        })),
    };
  },
});
