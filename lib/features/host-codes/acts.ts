import { randomBytes } from "node:crypto";
import type { ActivityTarget } from "@/lib/db/activity";
import type { Transaction } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { AppError } from "@/lib/errors";
import { type BoxContent, boxFor } from "@/lib/features/host-codes/boxes";
import { obstacleOf } from "@/lib/features/hosts/host-target";
import { Prisma } from "@/lib/generated/prisma/client";
import { enqueue, hostQueue } from "@/lib/jobs/enqueue";
import { can } from "@/lib/policy/permissions";
import type { Actor } from "@/lib/usecase";

const withAll = {
  host: { select: { id: true, name: true, state: true } },
  code: { include: { person: { select: { id: true, name: true } } } },
} as const satisfies Prisma.HostCodePlacementInclude;

export type PlacementRow = Prisma.HostCodePlacementGetPayload<{ include: typeof withAll }>;

export type CodeAct = "write" | "scratch" | "resync" | "mend" | "remove";

/** A fresh id of an act; it stands in the state file as the one who wrote it. */
export function newActId(): string {
  return randomBytes(12).toString("hex");
}

/** Codes on a host as the activity names them. */
export function targetOfPlacement(placement: {
  id: string;
  account: string;
  host: { name: string };
}): ActivityTarget {
  return { type: "host-code", id: placement.id, name: `${placement.account} on ${placement.host.name}` };
}

/**
 * The actor's own codes, or anybody's for those who look after them. Locked: two acts on one come one after the other.
 *
 * @throws AppError `not_found`
 */
export async function takePlacement(
  db: Transaction,
  actor: Actor,
  placementId: string,
): Promise<PlacementRow> {
  await db.$queryRaw`SELECT id FROM "HostCodePlacement" WHERE id = ${placementId}::uuid FOR UPDATE`;
  const placement = await db.hostCodePlacement.findFirst({
    where: { id: placementId, endedAt: null },
    include: withAll,
  });
  const isOwn = placement?.code.personId === actor.personId;
  if (!placement || !(isOwn || can(actor.role, "host-codes:write")))
    throw new AppError("not_found", "There are no such codes any more.");
  return placement;
}

/** @throws AppError `conflict` when the last act on the host is not done yet, or nothing may be sent to it */
export function refuseUnready(placement: PlacementRow): void {
  if (placement.state === "waiting")
    throw new AppError("conflict", `The last act on ${placement.host.name} is still under way. Wait for it.`);
  const obstacle = obstacleOf(placement.host);
  if (obstacle) throw new AppError("conflict", obstacle);
}

/** Notes what is wanted on the host, and has the worker bring it there. */
export async function beginAct(
  db: Transaction,
  placement: Pick<PlacementRow, "id" | "hostId"> & { code: { personId: string } },
  act: CodeAct,
  options: { actId?: string; content?: BoxContent; replaces?: boolean } = {},
): Promise<void> {
  const actId = options.actId ?? newActId();
  const boxes = options.content ? await boxFor(db, actId, options.content) : Prisma.DbNull;
  await db.hostCodePlacement.update({
    where: { id: placement.id },
    data: { act, actId, boxes, state: "waiting", failure: null, replaces: options.replaces ?? false },
  });
  await enqueue(
    db,
    "host-code.drive",
    { placementId: placement.id },
    { queue: hostQueue(placement.hostId), jobKey: `host-code:${placement.id}`, attempts: 5 },
  );
  await tellOf(db, placement.hostId, placement.code.personId);
}

/** Pages of the host and of the person look again. */
export async function tellOf(db: Transaction, hostId: string, personId: string): Promise<void> {
  await appendEvent(db, { topic: `host:${hostId}`, kind: "codes", data: {} });
  await appendEvent(db, { topic: `person:${personId}`, kind: "codes", data: {} });
}

/** Forgets a secret that is on no host any more, and is to come to none. */
export async function forgetUnplaced(db: Transaction, codeId: string): Promise<void> {
  const left = await db.hostCodePlacement.count({ where: { codeId, endedAt: null } });
  if (left > 0) return;
  const data = { secretSealed: Uint8Array.from([]), scratchSealed: null };
  await db.hostCode.update({ where: { id: codeId }, data });
}
