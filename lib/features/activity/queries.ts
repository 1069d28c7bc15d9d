import type { z } from "zod";
import type { Db } from "@/lib/db/client";
import { ActivityListInput } from "@/lib/features/activity/schema";
import type { ActivityListView, ActivityRow, WitnessesView } from "@/lib/features/activity/views";
import type { Prisma } from "@/lib/generated/prisma/client";
import { query } from "@/lib/usecase";

/** The activity, the newest first, in portions. */
export const listActivity = query({
  name: "activity.list",
  permission: "activity:read",
  input: ActivityListInput,
  async run({ before, limit, ...filter }, { db }): Promise<ActivityListView> {
    const where = whereOf(filter);
    const [rows, total, actions, witnesses] = await Promise.all([
      db.activity.findMany({
        where: { ...where, ...(before && { seq: { lt: BigInt(before) } }) },
        orderBy: { seq: "desc" },
        take: limit + 1,
      }),
      db.activity.count({ where }),
      listActions(db),
      readWitnesses(db),
    ]);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      rows: shown.map(viewOf),
      actions,
      witnesses,
      nextBefore: rows.length > limit && last ? last.seq.toString() : null,
      total,
    };
  },
});

async function readWitnesses(db: Db): Promise<WitnessesView> {
  const [hosts, newest, faulty] = await Promise.all([
    db.activityWitness.count(),
    db.activityCheckpoint.findFirst({ orderBy: { at: "desc" }, select: { at: true } }),
    db.activityWitness.findMany({
      where: { fault: { not: null } },
      include: { host: { select: { name: true } } },
      orderBy: { faultAt: "asc" },
      take: 10,
    }),
  ]);
  return {
    hosts,
    checkpointAt: newest?.at.toISOString() ?? null,
    faults: faulty.map(({ hostId, host, fault, faultAt, shownAt }) => ({
      hostId,
      hostName: host.name,
      message: fault ?? "",
      at: (faultAt ?? shownAt).toISOString(),
    })),
  };
}

type Filter = Omit<z.output<typeof ActivityListInput>, "before" | "limit">;

function whereOf({ q, action, outcome, actorId, targetType, targetId }: Filter): Prisma.ActivityWhereInput {
  const text = q.trim();
  const contains = { contains: text, mode: "insensitive" } as const;
  return {
    ...(action && { action }),
    ...(outcome && { outcome }),
    ...(actorId && { actorId }),
    ...(targetType && { targetType }),
    ...(targetId && { targetId }),
    ...(text && {
      OR: [{ actorName: contains }, { targetName: contains }, { action: contains }, { address: contains }],
    }),
  };
}

/**
 * Every action that occurs, found by hopping from one to the next through the index: a plain `distinct` would read each
 * row of a table that only grows.
 */
async function listActions(db: Db): Promise<string[]> {
  const rows = await db.$queryRaw<{ action: string }[]>`
    with recursive hop as (
      (select action from "Activity" order by action limit 1)
      union all
      select (select action from "Activity" where action > hop.action order by action limit 1)
      from hop where hop.action is not null
    )
    select action from hop where action is not null`;
  return rows.map(({ action }) => action);
}

function viewOf(row: Prisma.ActivityGetPayload<object>): ActivityRow {
  const { detail } = row;
  return {
    seq: row.seq.toString(),
    at: row.at.toISOString(),
    actorId: row.actorId,
    actorName: row.actorName,
    address: row.address,
    action: row.action,
    outcome: outcomeOf(row.outcome),
    intentSeq: row.intentSeq?.toString() ?? null,
    targetType: row.targetType,
    targetId: row.targetId,
    targetName: row.targetName,
    detail: typeof detail === "object" && detail !== null && !Array.isArray(detail) ? detail : {},
    hash: Buffer.from(row.hash).toString("hex"),
  };
}

function outcomeOf(text: string): ActivityRow["outcome"] {
  return text === "intent" || text === "refused" || text === "failed" ? text : "done";
}
