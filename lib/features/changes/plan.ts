import { findLockout, type ManagementLogin } from "@/lib/access/lockout";
import type { CheckResult } from "@/lib/agent/answers";
import { managementAccount } from "@/lib/change/marker";
import { parseTestOutput } from "@/lib/change/test-output";
import type { PlanRuleView } from "@/lib/features/access-rules/views";
import type { ChangePlanView, EffectiveDifference, PlanAccessView } from "@/lib/features/changes/views";
import { diffEffective, diffLines, readDump } from "@/lib/sshd-config/diff";
import { findKeyword, riskOf } from "@/lib/sshd-config/directives";
import { canKeepPeopleOut } from "@/lib/sshd-config/login-risk";
import { parse } from "@/lib/sshd-config/parser";

/** One connection that the host's sshd is asked about. */
export interface Asked {
  /** For people: "the account root". */
  readonly label: string;
  /** As sshd's -C takes it. */
  readonly spec: Readonly<Record<string, string>>;
}

/** A name that no account has; sshd answers what holds for everybody whom no Match block names. */
const nobodyInParticular = "gatehouse-nobody";

/**
 * The connections to ask about: our own account first (it decides), then root, a typical person, and anybody.
 *
 * @param accounts of the host, where they are known
 */
export function connectionsToAsk(accounts: readonly { name: string; uid: number }[]): Asked[] {
  const person = accounts.find(
    ({ name, uid }) => uid >= 1000 && uid < 60_000 && /^[a-z_][a-z0-9_-]*$/i.test(name),
  );
  return [
    { label: `the management account ${managementAccount}`, spec: { user: managementAccount } },
    { label: "the account root", spec: { user: "root" } },
    ...(person ? [{ label: `the account ${person.name}`, spec: { user: person.name } }] : []),
    { label: "any other account", spec: { user: nobodyInParticular } },
  ];
}

/** What a plan is made of. Texts are the person's, without proof block. */
export interface PlanSource {
  readonly base: string;
  readonly content: string;
  readonly asked: readonly Asked[];
  /** The host's answer for `asked`, with the proof block in the new content. */
  readonly check: CheckResult;
  readonly login: ManagementLogin;
  /** What is known of people's ways in. */
  readonly access: PlanAccessView;
  /** What it does to the rules about access. */
  readonly rules: PlanRuleView[];
  readonly at: Date;
}

/** The plan, by the host's own answers: what sshd says of the text, what changes in effect, who is shut out. */
export function makePlan({
  base,
  content,
  asked,
  check,
  login,
  access,
  rules,
  at,
}: PlanSource): ChangePlanView {
  const effective = differences(asked, check, login.markerVariable);
  const touches = touchedDirectives(base, content, effective);
  return {
    test: { code: check.testCode, lines: parseTestOutput(check.testText) },
    effective,
    management: judgeManagement(check, login),
    touches,
    needsPerson: touches.some(({ keyword }) => canKeepPeopleOut(keyword)),
    needsExecutePermission: touches.some(({ risk }) => risk === "execute"),
    access,
    rules,
    twoFactor: null,
    readAt: at.toISOString(),
  };
}

function judgeManagement(check: CheckResult, login: ManagementLogin): ChangePlanView["management"] {
  const own = check.effective[0];
  if (check.testCode !== 0)
    return { getsIn: false, reasons: ["sshd does not accept the configuration."], doubts: [] };
  if (own?.after.code !== 0)
    return { getsIn: false, reasons: ["sshd -T fails for our account with this change."], doubts: [] };
  const { obstacles, doubts } = findLockout(readDump(own.before.text), readDump(own.after.text), {
    ...login,
    ...check.own,
  });
  return {
    getsIn: obstacles.length === 0,
    reasons: obstacles.map(({ text }) => text),
    doubts: doubts.map(({ text }) => text),
  };
}

/** Differences by keyword; one that is the same for all connections is told once, for everyone. */
function differences(
  asked: readonly Asked[],
  check: CheckResult,
  markerVariable: string,
): EffectiveDifference[] {
  const told = new Map<string, EffectiveDifference & { count: number }>();
  const compared = check.effective.filter(
    ({ before, after }) => before.code === 0 && after.code === 0,
  ).length;
  for (const [index, { before, after }] of check.effective.entries()) {
    if (before.code !== 0 || after.code !== 0) continue;
    const isOwn = asked[index]?.spec.user === managementAccount;
    for (const difference of diffEffective(
      withoutProof(before.text),
      withoutProof(after.text, markerVariable),
    )) {
      // The proof block replaces the whole list for our account alone (servconf.c, copy_set_server_options).
      if (isOwn && difference.keyword === "acceptenv") continue;
      const key = JSON.stringify(difference);
      const same = told.get(key);
      if (same) {
        same.count++;
        same.for = `${same.for}, ${asked[index]?.label ?? ""}`;
      } else told.set(key, { for: asked[index]?.label ?? "", ...difference, count: 1 });
    }
  }
  return [...told.values()].map(({ count, ...difference }) => ({
    ...difference,
    for: count === compared && compared > 1 ? "everyone" : difference.for,
  }));
}

/** The proof blocks are ours: neither the new one nor that of an earlier change is a difference for people. */
function withoutProof(dump: string, markerVariable = ""): string {
  return dump
    .split("\n")
    .filter((line) => {
      const [keyword, value] = line.trim().split(/\s+/);
      if (keyword?.toLowerCase() !== "acceptenv") return true;
      return value !== markerVariable && !/^GATEHOUSE_CHANGE_[a-z0-9]{20}$/.test(value ?? "");
    })
    .join("\n");
}

/** Directives on lines that differ, and those whose effect differs (a moved Match block touches what is in it). */
function touchedDirectives(
  base: string,
  content: string,
  effective: readonly EffectiveDifference[],
): ChangePlanView["touches"] {
  const names = new Set<string>();
  for (const { kind, text } of diffLines(base, content)) {
    if (kind === "same") continue;
    for (const line of parse(text).lines) if (line.keyword) names.add(nameOf(line.keyword.value));
  }
  for (const { keyword } of effective) names.add(nameOf(keyword));
  return [...names].map((keyword) => ({ keyword, risk: riskOf(keyword) }));
}

/** As sshd_config(5) writes it; an unknown one as it stands, not longer than a line of the page. */
function nameOf(keyword: string): string {
  return findKeyword(keyword)?.name ?? keyword.slice(0, 60);
}
