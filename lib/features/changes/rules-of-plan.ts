import type { HostFacts } from "@/lib/access/facts";
import { factsWithKeyFile, factsWithModes } from "@/lib/access/key-file-draft";
import { factsWithPam } from "@/lib/access/pam-draft";
import type { Db, Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { unpackFacts } from "@/lib/features/access/stored-facts";
import { judgeHost } from "@/lib/features/access-rules/judge-host";
import { judgePlanRules, unknownPlanRules } from "@/lib/features/access-rules/judge-plan";
import { listRulesInForce, namesOfPeople, rulesAbout } from "@/lib/features/access-rules/stored-rules";
import type { PlanRuleView } from "@/lib/features/access-rules/views";
import { isModeRepair, KeyEdits } from "@/lib/features/changes/key-edits";
import { listKeyOwners } from "@/lib/features/people/key-owners";
import { log } from "@/lib/log";

/** As much of a change as says what it does to who can log in. */
export interface RuledChange {
  readonly hostId: string;
  readonly path: string;
  readonly baseContent: string;
  readonly content: string;
  /** "keys": the file is one of `account`'s keys, not one of the configuration. */
  readonly kind: string;
  readonly account: string | null;
  readonly baseSha256: string;
  /** The column Change.keyEdits. */
  readonly keyEdits: unknown;
  /** "two-factor": the PAM file afterwards; null where it stays as it is. */
  readonly pamContent: string | null;
}

/**
 * What a change does to the rules about access, by what was last read on the host and by the rules as they are now.
 *
 * Takes milliseconds to a second.
 *
 * @param at decides about what expires
 */
export async function rulesOfPlan(
  db: Db | Transaction,
  change: RuledChange,
  at: Date,
): Promise<PlanRuleView[]> {
  const inForce = await listRulesInForce(db);
  if (inForce.length === 0) return []; // Before what was read of the host is fetched: it is large.
  const host = await db.host.findUniqueOrThrow({ where: { id: change.hostId }, include: { access: true } });
  const rules = rulesAbout(inForce, host);
  if (rules.length === 0) return [];
  const [people, nameOf] = await Promise.all([listKeyOwners(db), namesOfPeople(db)]);
  const context = { people, nameOf };
  const reading = host.access;
  if (!reading?.facts)
    return unknownPlanRules(
      rules,
      "Who can log in on this host was not read yet. Read it on the host's Access page, then ask the host again here.",
      true,
      context,
    );
  const files = await newestTexts(db, change.hostId);
  const textsWith = (text: string) => new Map([...files, [change.path, text]]);
  try {
    const stored = unpackFacts(reading.facts);
    const facts = { ...stored, isConsistent: stored.isConsistent && reading.isConsistent };
    const judge = (text: string, known = facts) =>
      change.kind === "keys"
        ? judgeHost(factsOfKeys(known, change, text), host, { at, people, texts: files })
        : judgeHost(known, host, { at, people, texts: textsWith(text) });
    const before = judge(change.baseContent);
    // Whoever mends a configuration that sshd refuses must not be kept from it.
    if (before.server.refused !== undefined)
      return unknownPlanRules(
        rules,
        "By what was read, sshd refuses the configuration as it is now, so there is nothing to compare.",
        false,
        context,
      );
    const drafted = change.pamContent === null ? facts : factsWithPam(facts, change.pamContent);
    return judgePlanRules(rules, before, judge(change.content, drafted), context);
  } catch (error) {
    log.error("The rules about access could not be judged for a change", { hostId: change.hostId, error });
    const obstacle = "What was read on this host cannot be judged. Read it again on the host's Access page.";
    return unknownPlanRules(rules, obstacle, true, context);
  }
}

/** With one of the two texts of a change of keys: lines of a key file, or modes on the way to it. */
export function factsOfKeys(
  facts: HostFacts,
  { account, path, keyEdits, baseSha256, baseContent }: Omit<RuledChange, "pamContent">,
  text: string,
): HostFacts {
  const edits = KeyEdits.parse(keyEdits);
  if (isModeRepair(edits)) return factsWithModes(facts, text);
  // A file that was not there has no text; one that is there may be empty.
  const isAbsent = baseSha256 === "absent" && text === baseContent;
  return factsWithKeyFile(facts, { account: account ?? "", path, text: isAbsent ? undefined : text });
}

/** Every file of the host's configuration as we last saw it, by path. */
export async function newestTexts(db: Db | Transaction, hostId: string): Promise<Map<string, string>> {
  const files = await db.configFile.findMany({
    where: { hostId, goneAt: null },
    select: { path: true, versions: { orderBy: { number: "desc" }, take: 1, select: { content: true } } },
  });
  return new Map(
    files.flatMap(({ path, versions: [newest] }) => (newest ? [[path, newest.content] as const] : [])),
  );
}

/**
 * Refuses a change that breaks a blocking rule, by the rules as they are at this moment: one may have been made since the
 * plan was.
 *
 * Until the transaction ends no rule can be made or edited.
 *
 * @throws AppError `conflict` with the rule's sentence, the ways that offend, and what to do
 */
export async function refuseBrokenRules(db: Transaction, change: RuledChange, at: Date): Promise<void> {
  await db.$executeRaw`LOCK TABLE "AccessRule" IN SHARE MODE`;
  const [first, ...more] = (await rulesOfPlan(db, change, at)).filter(({ isBlocking }) => isBlocking);
  if (!first) return;
  const others =
    more.length === 0
      ? ""
      : ` It breaks ${more.length} more: ${more.map(({ name }) => `“${name}”`).join(", ")}.`;
  throw new AppError(
    "conflict",
    `Refused by the rule “${first.name}”: ${first.sentence}. ${whyRefused(first)}${others} Correct the change, or have an admin change the rule.`,
  );
}

function whyRefused({ effect, offences, total, obstacle }: PlanRuleView): string {
  if (effect === "unknown") return obstacle ?? "It cannot be judged on this host.";
  const ways = offences.slice(0, 3).map(({ account, from, methods }) => {
    const where = from.length > 3 ? `${from.slice(0, 3).join(", ")} …` : from.join(", ");
    return account === null
      ? `no way in from ${where}`
      : `${account} from ${where} by ${methods.join(", then ")}`;
  });
  const rest = total > ways.length ? ` and ${total - ways.length} more` : "";
  const lead =
    effect === "breaks" ? "With this change:" : "With this change it could no longer be told, because of:";
  return ways.length > 0
    ? `${lead} ${ways.join("; ")}${rest}.`
    : `With this change it could no longer be told. ${obstacle ?? ""}`.trim();
}
