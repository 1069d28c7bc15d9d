import { pamTextOf } from "@/lib/access/pam-draft";
import type { Db, Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { readableFacts } from "@/lib/features/access/stored-facts";
import type { ChangeWithHost } from "@/lib/features/changes/refusals";
import { newestTexts } from "@/lib/features/changes/rules-of-plan";
import { readPlan, readWitness } from "@/lib/features/changes/stored";
import type { ChangePlanView } from "@/lib/features/changes/views";
import type { Change } from "@/lib/generated/prisma/client";
import { can, type Role } from "@/lib/policy/permissions";
import { findBuild } from "@/lib/sshd-config/build";
import { pamStepOf } from "@/lib/two-factor/pam-step";
import { findTwoFactorProblems, type TwoFactorAccount } from "@/lib/two-factor/problems";
import { hasTwoFactor, printDemands } from "@/lib/two-factor/sshd-step";

/** Who has which secret changes by the hour; the worker looks once more before it tells the host. */
const planMinutes = 15;

/** As much of a change as says whether it settles who is asked for a second factor. */
export type Demanding = Pick<Change, "kind" | "hostId" | "baseContent" | "content">;

/**
 * Whether only those who may have a host ask for a second factor may apply and keep this change: a change of the second
 * factor, and one of the configuration that settles otherwise who is asked on a host where Gatehouse has it asked.
 */
export async function needsEnforcer(
  db: Db | Transaction,
  { kind, hostId, baseContent, content }: Demanding,
): Promise<boolean> {
  if (kind !== "config") return kind === "two-factor";
  if (printDemands(baseContent) === printDemands(content)) return false;
  if (hasTwoFactor(baseContent) || hasTwoFactor(content)) return true;
  return [...(await newestTexts(db, hostId)).values()].some(hasTwoFactor);
}

/** Refuses whoever may not settle who is asked for a second factor. Other changes are none of it. */
export async function refuseUnlessEnforcer(
  db: Db | Transaction,
  change: Demanding,
  role: Role,
): Promise<void> {
  if (can(role, "two-factor:enforce") || !(await needsEnforcer(db, change))) return;
  throw new AppError(
    "forbidden",
    "This change decides who is asked for a second factor. Ask an owner or admin to apply it.",
  );
}

/**
 * Refuses a change of the configuration by which a code alone, or nothing at all, would let somebody in while PAM asks
 * for nothing but our codes; what was so before is not its fault.
 *
 * @throws AppError `conflict` that says who and what to do
 */
export async function refuseOpenDoor(db: Db | Transaction, change: ChangeWithHost): Promise<void> {
  if (change.kind !== "config") return;
  const reading = await db.accessReading.findUnique({ where: { hostId: change.hostId } });
  const facts = readableFacts(change.hostId, reading?.facts);
  const pam = facts && pamTextOf(facts);
  if (!facts || pam === undefined || pamStepOf(pam) === "off") return;
  const main = facts.sshd.configPath;
  const texts = await newestTexts(db, change.hostId);
  const accounts = facts.accounts.map(({ name, uid, groups }): TwoFactorAccount => {
    return { name, uid, groups, secret: "none", hasSecurityKey: false };
  });
  const doorsWith = (content: string) => {
    const files = new Map([...texts, [change.path, content]]);
    const others = [...files].filter(([path]) => path !== main).map(([path, text]) => ({ path, text }));
    return findTwoFactorProblems({
      files: [{ path: main, text: files.get(main) ?? "" }, ...others],
      pam,
      build: findBuild(facts.sshd.version, facts.sshd.system).build,
      hasModule: true,
      accounts,
    }).filter(({ code }) => code === "code-without-key" || code === "asked-for-nothing");
  };
  const known = new Set(doorsWith(change.baseContent).map(({ account }) => account));
  const [first, ...more] = doorsWith(change.content).filter(({ account }) => !known.has(account));
  if (!first) return;
  throw new AppError(
    "conflict",
    `Refused: ${first.text}${more.length > 0 ? ` And ${more.length} more.` : ""} To take the second factor off this host, turn it off on its page Two-factor.`,
  );
}

/**
 * Refuses a change of the second factor that would shut somebody out. No name that is typed overrides this: an exception
 * with a reason is what lets an account in by key alone.
 *
 * @throws AppError `conflict` that says who, why and what to do
 */
export function refuseTwoFactor(change: ChangeWithHost, plan: ChangePlanView, now: Date): void {
  if (change.kind !== "two-factor") return;
  if (!plan.twoFactor || now.getTime() - Date.parse(plan.readAt) > planMinutes * 60_000)
    throw new AppError(
      "conflict",
      `This plan is older than ${planMinutes} minutes: who has a secret may be others by now. Ask the host again.`,
    );
  if (!plan.management.getsIn)
    throw new AppError(
      "conflict",
      `Refused: this change would shut Gatehouse out of ${change.host.name}. ${plan.management.reasons[0] ?? ""}`.trim(),
    );
  const [first, ...more] = plan.twoFactor.problems;
  if (first)
    throw new AppError(
      "conflict",
      `Refused: ${first.text}${more.length > 0 ? ` And ${more.length} more.` : ""} Mend it, or answer for the account on the host's page Two-factor, then plan again.`,
    );
}

/** Refuses to keep what nobody has been seen to come in by. */
export function refuseUnseen(change: ChangeWithHost): void {
  if (change.kind !== "two-factor") return;
  const proof = readPlan(change.plan)?.twoFactor?.proof;
  if (proof?.kind !== "login" || readWitness(change.witness)) return;
  throw new AppError(
    "conflict",
    `${change.host.name} has not seen a login through key and code yet. Log in as ${namesOf(proof.accounts)} now; as soon as the host tells of it this change can be kept. Without it the host puts both files back.`,
  );
}

function namesOf(accounts: readonly string[]): string {
  const shown = accounts.slice(0, 3).join(", ");
  return accounts.length > 3
    ? `${shown} or another of ${accounts.length}`
    : shown.replace(/, ([^,]*)$/, " or $1");
}
