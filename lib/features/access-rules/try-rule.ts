import { setImmediate as breathe } from "node:timers/promises";
import type { Assertion } from "@/lib/access/assertions/assertion";
import { printAssertion } from "@/lib/access/assertions/print-assertion";
import { isAbout } from "@/lib/access/assertions/scope";
import { now as clockNow } from "@/lib/clock";
import type { Db } from "@/lib/db/client";
import { answerView } from "@/lib/features/access-rules/answer-view";
import { judgedStates } from "@/lib/features/access-rules/check-rules";
import { answerOfRule, judgeReading } from "@/lib/features/access-rules/judge-host";
import { namesOfPeople } from "@/lib/features/access-rules/stored-rules";
import type { RuleAnswerView, TriedRuleView } from "@/lib/features/access-rules/views";
import { listKeyOwners } from "@/lib/features/people/key-owners";

/** A person waits, and others share the process: after so long the rest of the hosts is left, and counted. */
const budgetMs = 3000;
/** Hosts that are shown; all are counted. */
const mostHosts = 50;

/**
 * What a rule would come to on each host that it is about, by what was last read there.
 *
 * @param at decides about what expires
 */
export async function tryRule(db: Db, assertion: Assertion, at: Date): Promise<TriedRuleView> {
  const hosts = await db.host.findMany({
    where: { state: { in: [...judgedStates] } },
    select: { id: true, name: true, tags: true, managementPublicKey: true },
    orderBy: { name: "asc" },
  });
  const about = hosts.filter((host) => isAbout(assertion, host));
  const [people, nameOf] = await Promise.all([listKeyOwners(db), namesOfPeople(db)]);
  const rule = { id: "not saved", name: "", version: 0, severity: "warn" as const, assertion };
  const counts = { holds: 0, broken: 0, unclear: 0, waiting: 0 };
  const found: TriedRuleView["hosts"] = [];
  const end = clockNow().getTime() + budgetMs;
  let looked = 0;
  for (const host of about) {
    if (clockNow().getTime() > end) break;
    looked++;
    const reading = await db.accessReading.findUnique({
      where: { hostId: host.id },
      select: { facts: true, isConsistent: true },
    });
    if (!reading?.facts) {
      counts.waiting++;
      continue;
    }
    const judged = judgeReading({ ...reading, facts: reading.facts }, host, { at, people });
    const answer: RuleAnswerView = answerView(answerOfRule(rule, judged), people);
    counts[answer.state]++;
    if (answer.state !== "holds") found.push({ hostId: host.id, hostName: host.name, answer });
    // Other requests of this process are answered in between.
    await breathe();
  }
  const rank = ({ answer }: TriedRuleView["hosts"][number]) => (answer.state === "broken" ? 0 : 1);
  return {
    sentence: printAssertion(assertion, nameOf),
    counts,
    left: about.length - looked,
    hosts: found.toSorted((a, b) => rank(a) - rank(b)).slice(0, mostHosts),
  };
}
