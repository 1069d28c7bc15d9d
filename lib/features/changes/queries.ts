import { sshdPamFile } from "@/lib/access/pam";
import { type ChangeState, changeStates, isPending, pendingStates } from "@/lib/change/machine";
import type { Db } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { ChangeId, ChangeListInput } from "@/lib/features/changes/schema";
import { readPlan, readProof, readWitness } from "@/lib/features/changes/stored";
import { needsEnforcer } from "@/lib/features/changes/two-factor-refusals";
import type { ChangeListView, ChangeRow, ChangeStepView, ChangeView } from "@/lib/features/changes/views";
import type { Prisma } from "@/lib/generated/prisma/client";
import { can } from "@/lib/policy/permissions";
import { diffLines } from "@/lib/sshd-config/diff";
import { query } from "@/lib/usecase";

const perPage = 50;

/** Changes of all hosts or of one, newest first. */
export const listChanges = query({
  name: "change.list",
  permission: "config:read",
  input: ChangeListInput,
  async run({ hostId, state, q, page }, { db }): Promise<ChangeListView> {
    const states: readonly ChangeState[] =
      state === "" ? changeStates : state === "pending" ? pendingStates : [state];
    const where: Prisma.ChangeWhereInput = {
      ...(hostId && { hostId }),
      ...(state && { state: { in: [...states] } }),
      ...(q && {
        OR: [
          { message: { contains: q, mode: "insensitive" } },
          { path: { contains: q, mode: "insensitive" } },
          { host: { name: { contains: q, mode: "insensitive" } } },
        ],
      }),
    };
    const [changes, total, pending] = await Promise.all([
      db.change.findMany({
        where,
        orderBy: [{ createdAt: "desc" }, { id: "asc" }],
        skip: (page - 1) * perPage,
        take: perPage,
        include: { host: { select: { name: true } } },
        omit: {
          plan: true,
          nonceSealed: true,
          keyBytes: true,
          keyEdits: true,
          pamBaseContent: true,
          pamContent: true,
        },
      }),
      db.change.count({ where }),
      db.change.count({ where: { state: { in: [...pendingStates] } } }),
    ]);
    const names = await namesOf(
      db,
      changes.map((change) => change.authorId),
    );
    const rows = changes.map((change) =>
      rowOf(change, change.host.name, names.get(change.authorId) ?? "Somebody"),
    );
    return { rows, total, page, perPage, pending };
  },
});

/** One change with everything that is on record about it, and what the actor may do with it now. */
export const getChange = query({
  name: "change.get",
  permission: "config:read",
  input: ChangeId,
  async run({ changeId }, { db, actor, now }): Promise<ChangeView> {
    const change = await db.change.findUnique({
      where: { id: changeId },
      include: {
        host: { select: { name: true, address: true, port: true, state: true } },
        steps: { orderBy: { id: "asc" } },
      },
      omit: { nonceSealed: true, keyBytes: true, keyEdits: true },
    });
    if (!change) throw new AppError("not_found", "There is no such change.");
    const { host } = change;
    const names = await namesOf(db, [change.authorId]);
    const state = change.state as ChangeState;
    const stored = readPlan(change.plan);
    const mayReadAccess = can(actor.role, "access:read");
    const plan =
      stored && (mayReadAccess ? stored : { ...stored, access: null, rules: null, twoFactor: null });
    const isTwoFactor = change.kind === "two-factor";
    const mayApply =
      can(actor.role, "config:apply") &&
      (can(actor.role, "two-factor:enforce") || !(await needsEnforcer(db, change)));
    const other = await db.change.findFirst({
      where: { hostId: change.hostId, id: { not: change.id }, state: { in: [...pendingStates] } },
      select: { id: true },
    });
    const isReady = state === "planned" && plan !== null && change.planError === null && other === null;
    return {
      ...rowOf(change, host.name, names.get(change.authorId) ?? "Somebody"),
      kind: change.kind === "keys" || change.kind === "two-factor" ? change.kind : "config",
      pam:
        change.pamContent !== null && change.pamBaseContent !== null
          ? { path: sshdPamFile, baseContent: change.pamBaseContent, content: change.pamContent }
          : null,
      witness: readWitness(change.witness),
      account: change.account,
      hostAddress: `${host.address.includes(":") ? `[${host.address}]` : host.address}:${host.port}`,
      baseContent: change.baseContent,
      content: change.content,
      baseSha256: change.baseSha256,
      newSha256: change.newSha256,
      keepBy: change.keepBy === "person" ? "person" : "login",
      deadlineSeconds: change.deadlineSeconds,
      overridePrecheck: change.overridePrecheck,
      plan,
      planError: change.planError,
      provedAt: change.provedAt?.toISOString() ?? null,
      appliedAt: change.appliedAt?.toISOString() ?? null,
      now: now.toISOString(),
      proof: readProof(change.proof),
      steps: change.steps.map(
        (step): ChangeStepView => ({
          id: String(step.id),
          at: step.at.toISOString(),
          kind: step.kind,
          text: step.text,
          detail: step.detail as Record<string, unknown> | null,
        }),
      ),
      canApply:
        mayApply &&
        isReady &&
        host.state === "managed" &&
        plan.test.code === 0 &&
        !stored?.rules?.some(({ isBlocking }) => isBlocking) &&
        !(isTwoFactor && (!plan.management.getsIn || stored?.twoFactor?.problems.length !== 0)) &&
        (!plan.needsExecutePermission || can(actor.role, "config:apply-execute")),
      canKeep:
        mayApply &&
        state === "awaiting_person" &&
        !(stored?.twoFactor?.proof.kind === "login" && readWitness(change.witness) === null),
      canRollBack: can(actor.role, "config:apply") && (state === "awaiting_person" || state === "proving"),
      canPutBack: change.kind === "keys" && state === "confirmed" && can(actor.role, "config:draft"),
      canOverride: mayApply && !isTwoFactor && can(actor.role, "config:override"),
    };
  },
});

async function namesOf(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  const people = await db.person.findMany({
    where: { id: { in: [...new Set(ids)] } },
    select: { id: true, name: true },
  });
  return new Map(people.map((person) => [person.id, person.name]));
}

interface RowSource {
  id: string;
  hostId: string;
  path: string;
  state: string;
  outcome: string | null;
  message: string;
  createdAt: Date;
  endedAt: Date | null;
  rollbackAt: Date | null;
  baseContent: string;
  content: string;
}

function rowOf(change: RowSource, hostName: string, authorName: string): ChangeRow {
  const lines = diffLines(change.baseContent, change.content);
  const state = change.state as ChangeState;
  return {
    id: change.id,
    hostId: change.hostId,
    hostName,
    path: change.path,
    state,
    outcome: change.outcome,
    message: change.message,
    authorName,
    createdAt: change.createdAt.toISOString(),
    endedAt: change.endedAt?.toISOString() ?? null,
    // After the end nothing rolls back any more, whatever was planned.
    rollbackAt: isPending(state) ? (change.rollbackAt?.toISOString() ?? null) : null,
    addedLines: lines.filter((line) => line.kind === "added").length,
    removedLines: lines.filter((line) => line.kind === "removed").length,
  };
}
