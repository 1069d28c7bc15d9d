import { AppError } from "@/lib/errors";
import { gatherEvidence, type KnownHost } from "@/lib/features/readiness/evidence";
import { judgeHost } from "@/lib/features/readiness/judge-host";
import { FleetReadinessInput, ReadinessInput, type ReadinessState } from "@/lib/features/readiness/schema";
import { findUndone } from "@/lib/features/readiness/undone";
import type {
  AccountReadinessView,
  FleetReadinessRow,
  FleetReadinessView,
  HostReadinessView,
} from "@/lib/features/readiness/views";
import { can } from "@/lib/policy/permissions";
import { type AccountReadiness, judgeReadiness, mayRequire } from "@/lib/two-factor/readiness";
import { query } from "@/lib/usecase";

const perPage = 50;
/** Accounts named in a row; the counts are of all. */
const mostNamed = 5;

/** Who on a host could show a second factor, and what is missing of whom. */
export const getReadiness = query({
  name: "readiness.host",
  permission: "access:read",
  input: ReadinessInput,
  async run({ hostId }, { db, actor, now }): Promise<HostReadinessView> {
    const readiness = await judgeHost(db, hostId, now);
    if (!readiness) throw new AppError("not_found", "There is no such host.");
    const { gaps, accounts, ready, excepted, missing } = readiness;
    const exceptions = await db.twoFactorException.findMany({
      where: {
        hostId,
        revokedAt: null,
        endsAt: { gt: now },
        account: { notIn: accounts.map(({ account }) => account) },
      },
      include: { createdBy: { select: { name: true } } },
      orderBy: { account: "asc" },
    });
    return {
      hostId,
      mayRequire: mayRequire(readiness),
      gaps: [...gaps],
      accounts: accounts.map(accountView),
      ready,
      excepted,
      missing,
      idle: exceptions.map(({ id, account, reason, createdBy, endsAt }) => ({
        id,
        account,
        reason,
        byName: createdBy.name,
        until: endsAt.toISOString(),
      })),
      canExcept: can(actor.role, "two-factor:except"),
    };
  },
});

/** Every host with how many of its accounts are ready, a page of it. */
export const listReadiness = query({
  name: "readiness.fleet",
  permission: "access:read",
  input: FleetReadinessInput,
  async run({ q, tag, state, sort, page }, { db, now }): Promise<FleetReadinessView> {
    const [known, undone] = await Promise.all([gatherEvidence(db, undefined, now), findUndone(db)]);
    const tags = [...new Set(known.flatMap((host) => host.tags))].sort();
    const words = q.toLowerCase().split(/\s+/).filter(Boolean);
    const fitting = known
      .filter(({ hostName }) => words.every((word) => hostName.toLowerCase().includes(word)))
      .filter((host) => tag === "" || host.tags.includes(tag))
      .map((host) => fleetRow(host, undone.has(host.hostId)));
    const counts: Record<ReadinessState, number> = {
      "shut-out": 0,
      required: 0,
      ready: 0,
      missing: 0,
      doubt: 0,
    };
    for (const row of fitting) counts[row.state]++;
    const rows = fitting.filter((row) => state === "" || row.state === state);
    // The hosts come by name, and sorting keeps that.
    if (sort === "missing") rows.sort((a, b) => shutOutFirst(a, b) || missingOf(b) - missingOf(a));
    const from = (page - 1) * perPage;
    return { rows: rows.slice(from, from + perPage), total: rows.length, page, perPage, counts, tags };
  },
});

const shutOutFirst = (a: FleetReadinessRow, b: FleetReadinessRow) =>
  Number(b.state === "shut-out") - Number(a.state === "shut-out");
const missingOf = ({ accounts, ready, excepted }: FleetReadinessRow) => accounts - ready - excepted;

function fleetRow(
  { hostId, hostName, tags, codes, evidence }: KnownHost,
  isUndone: boolean,
): FleetReadinessRow {
  const readiness = judgeReadiness(evidence);
  const { gaps, accounts, ready, excepted } = readiness;
  return {
    hostId,
    hostName,
    tags: [...tags],
    state: stateOf(),
    ready,
    excepted,
    accounts: accounts.length,
    doubt: gaps[0]?.text ?? null,
    missing: accounts
      .filter((account) => account.state === "missing")
      .slice(0, mostNamed)
      .map(({ account }) => account),
  };

  function stateOf(): ReadinessState {
    if (codes?.isInForce && !codes.isOptional && !isUndone)
      return readiness.missing > 0 ? "shut-out" : "required";
    if (gaps.length > 0) return "doubt";
    return mayRequire(readiness) ? "ready" : "missing";
  }
}

function accountView({ people, gaps, cautions, exception, ...rest }: AccountReadiness): AccountReadinessView {
  return {
    ...rest,
    lastUsedAt: rest.lastUsedAt?.toISOString() ?? null,
    people: [...people],
    gaps: [...gaps],
    cautions: [...cautions],
    exception: exception && { ...exception, until: exception.until.toISOString() },
  };
}
