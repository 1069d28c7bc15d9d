import type { HostFacts } from "@/lib/access/facts";
import { pamTextOf } from "@/lib/access/pam-draft";
import { pendingStates } from "@/lib/change/machine";
import { managementAccount } from "@/lib/change/marker";
import type { Db } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { readableFacts } from "@/lib/features/access/stored-facts";
import { EnforcementInput, TwoFactorRequest } from "@/lib/features/changes/two-factor-schema";
import type { EnforcementView } from "@/lib/features/changes/views";
import { obstacleOf } from "@/lib/features/hosts/host-target";
import { findUndone } from "@/lib/features/readiness/undone";
import { can } from "@/lib/policy/permissions";
import { pamStepOf, readPamQuestions } from "@/lib/two-factor/pam-step";
import { query } from "@/lib/usecase";

/** How far a host asks for a second factor, by the last reading and the last change, and of whom it could. */
export const getEnforcement = query({
  name: "change.enforcement",
  permission: "access:read",
  input: EnforcementInput,
  async run({ hostId }, { actor, db }): Promise<EnforcementView> {
    const host = await db.host.findUnique({ where: { id: hostId }, include: { access: true } });
    if (!host) throw new AppError("not_found", "There is no such host.");
    const facts = readableFacts(hostId, host.access?.facts);
    const [accounts, kept, open, undone] = await Promise.all([
      accountsOf(db, hostId),
      db.change.findFirst({
        where: { hostId, kind: "two-factor", state: "confirmed" },
        orderBy: { endedAt: "desc" },
        select: { id: true, twoFactor: true, endedAt: true, authorId: true },
      }),
      db.change.findFirst({
        where: {
          hostId,
          kind: "two-factor",
          state: { in: ["planning", "planned", ...pendingStates] },
        },
        orderBy: { createdAt: "desc" },
        select: { id: true, state: true, message: true },
      }),
      findUndone(db, [hostId]),
    ]);
    const text = (facts && pamTextOf(facts)) ?? "";
    const request = TwoFactorRequest.safeParse(kept?.twoFactor).data;
    const readAt = host.access?.readAt ?? null;
    // A change that was kept after the host was read is newer than what was read.
    const isNewer = kept?.endedAt != null && (readAt === null || kept.endedAt > readAt);
    const step = isNewer && request ? request.step : pamStepOf(text);
    const isSame = request?.step === step;
    const isUndone = step !== "off" && undone.has(hostId);
    const author =
      kept && (await db.person.findUnique({ where: { id: kept.authorId }, select: { name: true } }));
    return {
      hostId,
      hostName: host.name,
      readAt: readAt?.toISOString() ?? null,
      step,
      isUndone,
      isForeign: step === "off" && !isNewer && (readPamQuestions(text)?.code ?? "nobody") !== "nobody",
      since:
        kept?.endedAt && isSame && step !== "off" && !isUndone
          ? { changeId: kept.id, at: kept.endedAt.toISOString(), by: author?.name ?? "somebody" }
          : null,
      recipe:
        request && isSame
          ? {
              exceptions: request.exceptions,
              keyOnlyGroups: request.keyOnlyGroups,
              securityKeyGroups: request.securityKeyGroups,
            }
          : { exceptions: [], keyOnlyGroups: [], securityKeyGroups: [] },
      groups: groupsOf(facts, accounts),
      open: open && {
        changeId: open.id,
        message: open.message,
        isPlanned: open.state === "planned" || open.state === "planning",
      },
      obstacle: obstacleOf(host),
      canEnforce: can(actor.role, "two-factor:enforce"),
    };
  },
});

/** Accounts that somebody can log in to, by the last reading; our own is never asked. */
async function accountsOf(db: Db, hostId: string): Promise<string[]> {
  const rows = await db.accessPath.findMany({
    where: { hostId, goneAt: null, account: { not: managementAccount } },
    distinct: ["account"],
    select: { account: true },
    orderBy: { account: "asc" },
  });
  return rows.map(({ account }) => account);
}

function groupsOf(facts: HostFacts | undefined, accounts: readonly string[]): EnforcementView["groups"] {
  const groups = new Map<string, string[]>();
  for (const { name, groups: own } of facts?.accounts ?? []) {
    if (!accounts.includes(name)) continue;
    // A group of one's own name is the account itself: exceptions are by account.
    for (const group of own) if (group !== name) groups.set(group, [...(groups.get(group) ?? []), name]);
  }
  return [...groups]
    .map(([name, members]) => ({ name, members: members.sort() }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
