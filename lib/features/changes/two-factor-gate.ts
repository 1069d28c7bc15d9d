import type { LoginPath } from "@/lib/access/who-can-log-in";
import { prisma } from "@/lib/db/client";
import {
  asksCode,
  judgeTwoFactor,
  type TwoFactorJudgement,
} from "@/lib/features/changes/two-factor-judgement";
import type { TwoFactorReading } from "@/lib/features/changes/two-factor-reading";
import type { TwoFactorRequest } from "@/lib/features/changes/two-factor-schema";
import type { TwoFactorPlanView } from "@/lib/features/changes/views";
import { listKeyOwners } from "@/lib/features/people/key-owners";
import { judgeHost } from "@/lib/features/readiness/judge-host";
import type { AccountReadiness, HostReadiness } from "@/lib/two-factor/readiness";

/** A request with the exceptions that it takes, and what it comes to. */
export interface GatedTwoFactor extends TwoFactorJudgement {
  readonly request: TwoFactorRequest;
}

/**
 * What a request comes to, with whoever somebody answers for let in by key alone; "required" only where everybody who
 * would be asked for a code is ready.
 *
 * An exception counts where the account is not ready, or could not log in otherwise: else it excepts nothing.
 *
 * @param reading just recorded: readiness is judged by what is stored
 */
export async function gateTwoFactor(
  hostId: string,
  asked: TwoFactorRequest,
  reading: TwoFactorReading,
): Promise<GatedTwoFactor | { refused: string }> {
  const readiness = await judgeHost(prisma(), hostId, reading.at);
  if (!readiness) return { refused: "There is no such host." };
  const people = await listKeyOwners(prisma());
  const judge = (isNeeded: (account: AccountReadiness) => boolean) => {
    const request = { ...asked, exceptions: asked.step === "off" ? [] : exceptionsOf(readiness, isNeeded) };
    const judged = judgeTwoFactor(request, reading, people);
    return "refused" in judged ? judged : { ...judged, request };
  };
  const isExcepted = ({ state }: AccountReadiness) => state === "excepted";
  const first = judge(isExcepted);
  if ("refused" in first) return first;
  const shut = new Set(first.view.problems.map(({ account }) => account));
  // Ready, and shut out by what the configuration says of it: only then its exception counts.
  const isSaved = (one: AccountReadiness) =>
    one.exception !== null && !isExcepted(one) && shut.has(one.account);
  const judged = readiness.accounts.some(isSaved) ? judge((one) => isExcepted(one) || isSaved(one)) : first;
  if ("refused" in judged) return judged;
  const problems = [
    ...judged.view.problems,
    ...gapsOf(judged.view, readiness),
    ...findUnverified(judged, await verifiedKeys()),
  ];
  return { ...judged, view: { ...judged.view, problems } };
}

function exceptionsOf(
  { accounts }: HostReadiness,
  isNeeded: (account: AccountReadiness) => boolean,
): TwoFactorRequest["exceptions"] {
  return accounts.flatMap((one) =>
    one.exception && isNeeded(one)
      ? [{ account: one.account, reason: one.exception.reason, byName: one.exception.byName }]
      : [],
  );
}

/** What of a host the reading that was just made answers, or the judgement of both files says in its own words. */
const answered = new Set(["not-managed", "unreachable", "module-missing", "codes-partial", "access-partial"]);

/** Who would be asked and is not ready, and what is in doubt about the host. Only "required" can shut out for that. */
function gapsOf({ step, accounts, problems }: TwoFactorPlanView, readiness: HostReadiness) {
  if (step !== "required") return [];
  const told = new Set(problems.map(({ account }) => account));
  const gaps: TwoFactorPlanView["problems"] = readiness.gaps
    .filter(({ code }) => !answered.has(code))
    .map(({ text }) => ({ account: null, text }));
  for (const { account, state, gaps: missing } of readiness.accounts) {
    const row = accounts.rows.find((one) => one.account === account);
    if (state !== "missing" || told.has(account)) continue;
    if (row && asksCode(row))
      for (const { text } of missing) gaps.push({ account, text: `${account} is not ready: ${text}` });
  }
  return gaps;
}

/** Security keys of which it was shown here that they ask for PIN or fingerprint. */
async function verifiedKeys(): Promise<ReadonlySet<string>> {
  const keys = await prisma().personKey.findMany({
    where: { isVerifyRequired: true, provedAt: { not: null }, removedAt: null },
    select: { fingerprint: true },
  });
  return new Set(keys.map(({ fingerprint }) => fingerprint));
}

/**
 * Who would come in by a security key alone and has none that is known to verify its owner: sshd would refuse the others.
 *
 * In both steps: these members are never asked for a code.
 */
function findUnverified(
  { view, after }: TwoFactorJudgement,
  verified: ReadonlySet<string>,
): TwoFactorPlanView["problems"] {
  if (view.step === "off") return [];
  const told = new Set(view.problems.map(({ account }) => account));
  return view.accounts.rows.flatMap(({ account, asked }) => {
    if (asked !== "security-key" || told.has(account)) return [];
    const paths = after.filter((path) => path.account === account);
    const isVerified = ({ steps }: LoginPath) =>
      steps.some(({ key }) => key?.fingerprint !== undefined && verified.has(key.fingerprint));
    const persons = new Set(paths.map(({ person }) => person?.name));
    return [...persons]
      .filter((name) => !paths.some((path) => path.person?.name === name && isVerified(path)))
      .map((name) => ({
        account,
        text: `${name ?? "Whoever holds a security key that nobody has proved"} could not log in any more as ${account}: no such key is known here to ask for PIN or fingerprint. Make it with verify-required and prove it under Keys, or let its group use codes.`,
      }));
  });
}
