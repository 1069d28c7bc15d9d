import { type ChangeState, pendingStates } from "@/lib/change/machine";
import type { Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { readPlan } from "@/lib/features/changes/stored";
import type { ChangePlanView } from "@/lib/features/changes/views";
import type { Change } from "@/lib/generated/prisma/client";
import { can } from "@/lib/policy/permissions";
import { canKeepPeopleOut } from "@/lib/sshd-config/login-risk";

// Why an act on a change is refused: what, why, and what to do.

/** A change with as much of its host as a refusal has to say. */
export type ChangeWithHost = Change & { host: { name: string; state: string } };

/** @throws AppError `not_found` */
export async function requireChange(db: Transaction, changeId: string): Promise<ChangeWithHost> {
  const change = await db.change.findUnique({
    where: { id: changeId },
    include: { host: { select: { name: true, state: true } } },
  });
  if (!change) throw new AppError("not_found", "There is no such change.");
  return change;
}

/** Refuses while another change to the host is neither kept nor rolled back, and says whose. */
export async function refuseWhilePending(db: Transaction, hostId: string): Promise<void> {
  const pending = await db.change.findFirst({
    where: { hostId, state: { in: [...pendingStates] } },
    select: { authorId: true, path: true, host: { select: { name: true } } },
  });
  if (!pending) return;
  const author = await db.person.findUnique({ where: { id: pending.authorId }, select: { name: true } });
  throw new AppError(
    "conflict",
    `A change by ${author?.name ?? "somebody"} to ${pending.path} on ${pending.host.name} is still open. Wait until it is kept or rolled back; your text is not lost.`,
  );
}

/** Refuses when the file was seen with another content since the plan was made. */
export async function refuseStaleBase(db: Transaction, change: ChangeWithHost): Promise<void> {
  const file = await db.configFile.findUnique({
    where: { hostId_path: { hostId: change.hostId, path: change.path } },
    include: { versions: { orderBy: { number: "desc" }, take: 1, omit: { content: true } } },
  });
  if (file && !file.goneAt && file.sha256 === change.baseSha256) return;
  const newest = file?.versions[0];
  const by = newest?.changeId
    ? await db.change.findUnique({ where: { id: newest.changeId }, select: { authorId: true } })
    : null;
  const author = by && (await db.person.findUnique({ where: { id: by.authorId }, select: { name: true } }));
  throw new AppError(
    "conflict",
    `${change.path} on ${change.host.name} was changed ${author ? `by ${author.name}` : "on the host"} after this plan was made. Begin again from the file as it is now; this text stays on this page.`,
  );
}

/** The plan that may be applied. @throws AppError `conflict` when there is none, or sshd refuses the text */
export function requirePlan(change: ChangeWithHost): ChangePlanView {
  const plan = readPlan(change.plan);
  if (!plan || change.planError)
    throw new AppError(
      "conflict",
      "The host has not said yet what this change would do. Ask it again, and look at the plan.",
    );
  if (plan.test.code !== 0)
    throw new AppError(
      "conflict",
      `sshd on ${change.host.name} does not accept this text: ${plan.test.lines[0]?.text ?? "it gave no reason"}. Correct it first.`,
    );
  return plan;
}

/** Whether the pre-check is overridden; refuses what needs it and has not got it. */
export function checkOverride(
  change: ChangeWithHost,
  plan: ChangePlanView,
  role: Parameters<typeof can>[0],
  override: { hostName: string } | undefined,
): boolean {
  if (plan.management.getsIn) return false;
  if (!override)
    throw new AppError(
      "conflict",
      `Refused: this change would shut Gatehouse out of ${change.host.name}. ${plan.management.reasons[0] ?? ""}`.trim(),
    );
  if (!can(role, "config:override"))
    throw new AppError("forbidden", "Only an owner or admin may apply a change that shuts Gatehouse out.");
  requireHostName(change, override);
  return true;
}

/**
 * Accounts that nobody could log in to any more, in words, when their loss is confirmed by the host's name;
 * undefined when there is none. Refuses the loss that nobody has confirmed.
 */
export function checkShutOut(
  change: ChangeWithHost,
  plan: ChangePlanView,
  override: { hostName: string } | undefined,
): string | undefined {
  const lost = plan.access?.shutOut;
  if (!lost || lost.total === 0) return undefined;
  const shown = lost.accounts.slice(0, 3);
  const names =
    lost.total > shown.length
      ? `${shown.join(", ")} and ${lost.total - shown.length} more`
      : shown.join(", ");
  if (!override)
    throw new AppError(
      "conflict",
      `Refused: with this change nobody could log in any more as ${names}. Correct it, or type the host's name to show that you mean it.`,
      { fields: { "override.hostName": `Type ${change.host.name}.` } },
    );
  requireHostName(change, override);
  return names;
}

function requireHostName(change: ChangeWithHost, override: { hostName: string }): void {
  if (override.hostName === change.host.name) return;
  throw new AppError("invalid", `Type the host's name, ${change.host.name}, to show that you mean it.`, {
    fields: { "override.hostName": `Type ${change.host.name}.` },
  });
}

/** The keywords of one risk class, for a sentence. */
export function keywordsOf(plan: ChangePlanView, risk: string): string {
  return plan.touches
    .filter((touch) => touch.risk === risk)
    .map((touch) => touch.keyword)
    .join(", ");
}

/** Why a person has to keep it, in a sentence. */
export function whyPerson({ kind }: Pick<Change, "kind">, plan: ChangePlanView): string {
  if (kind === "keys")
    return "This change takes keys away or changes modes, and it cannot be told for certain who loses by it.";
  const keywords = plan.touches.filter(({ keyword }) => canKeepPeopleOut(keyword));
  return `This change touches how people log in (${keywords.map(({ keyword }) => keyword).join(", ")}).`;
}

/** Why an act comes too late, by what the change has become. */
export function tooLate(change: ChangeWithHost): AppError {
  const words: Record<ChangeState, string> = {
    planning: "The host is still being asked what this change would do.",
    planned: "This change is only planned; nothing was applied.",
    applying: "This change is just being written to the host. Wait a moment.",
    proving: "This change is being proved by a fresh login. Wait a moment.",
    awaiting_person: "This change waits to be kept or rolled back.",
    confirming: "This change is just being kept.",
    rolling_back: "This change is already being rolled back.",
    unknown: "The host does not answer. It decides by itself; the page shows it as soon as it is known.",
    confirmed: "This change was already kept.",
    rolled_back: "This change was already rolled back.",
    refused: "This change was refused. Make a new one from the file as it is now.",
    discarded: "This change was discarded.",
    forgotten: "The host of this change was taken out of Gatehouse.",
  };
  return new AppError("conflict", words[change.state as ChangeState]);
}
