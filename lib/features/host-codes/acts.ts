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
  code: { include: { person: { select: { id: true, name: true, disabledAt: true } } } },
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

/**
 * @throws AppError `conflict` when the last act on the host is not done yet, when nothing may be sent to it, or when the
 *   person is kept out or the codes were revoked: no act brings back what is to go
 */
export function refuseUnready(placement: PlacementRow): void {
  const { person } = placement.code;
  if (person.disabledAt)
    throw new AppError("conflict", `${person.name} is disabled. Their codes can only be revoked.`);
  refuseRevoked(placement, placement.host.name);
  if (placement.state === "waiting")
    throw new AppError("conflict", `The last act on ${placement.host.name} is still under way. Wait for it.`);
  const obstacle = obstacleOf(placement.host);
  if (obstacle) throw new AppError("conflict", obstacle);
}

/**
 * Refuses to put anything in the place of a revocation that is not done: the host may still take the old codes, and once
 * nobody wants them gone they would go on working.
 */
export function refuseRevoked({ act, state }: { act: string; state: string }, hostName: string): void {
  if (act !== "remove") return;
  throw new AppError(
    "conflict",
    state === "failed"
      ? `These codes were revoked, and ${hostName} has not taken them off. Revoke them again; when they are gone new ones can be enrolled.`
      : `These codes were revoked, and are still being taken off ${hostName}. Enrol new ones when they are gone.`,
  );
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
  await enqueueDrive(db, placement);
  await tellOf(db, placement.hostId, placement.code.personId);
}

/** Has the worker bring what is wanted to the host; what waits to be tried again is tried now. */
export async function enqueueDrive(
  db: Transaction,
  { id, hostId }: Pick<PlacementRow, "id" | "hostId">,
): Promise<void> {
  await enqueue(
    db,
    "host-code.drive",
    { placementId: id },
    { queue: hostQueue(hostId), jobKey: `host-code:${id}`, attempts: 7 },
  );
}

/**
 * Takes codes off their host. What the host cannot be told now follows by itself; nobody has to ask again.
 *
 * @param by who wants it: unless it is the person himself, he is told
 */
export async function beginRevoking(
  db: Transaction,
  placement: Parameters<typeof beginAct>[1],
  { by, at }: { by: string; at: Date },
): Promise<void> {
  await db.hostCodePlacement.update({
    where: { id: placement.id },
    data: { revokedById: by, revokedAt: at },
  });
  // Also while another act waits: a lost phone does not.
  await beginAct(db, placement, "remove");
}

/**
 * Takes all codes of a person off every host.
 *
 * @returns what they were for: "alice on web-1", by host
 */
export async function revokeAllCodes(
  db: Transaction,
  personId: string,
  wanted: { by: string; at: Date },
): Promise<string[]> {
  // Locked before they are read: the worker may just be writing down that one is gone.
  await db.$queryRaw`
    SELECT p.id FROM "HostCodePlacement" p JOIN "HostCode" c ON c.id = p."codeId"
    WHERE c."personId" = ${personId}::uuid AND p."endedAt" IS NULL ORDER BY p.id FOR UPDATE OF p`;
  const placements = await db.hostCodePlacement.findMany({
    where: { endedAt: null, code: { personId } },
    include: { host: { select: { name: true } }, code: { select: { personId: true } } },
    orderBy: [{ host: { name: "asc" } }, { account: "asc" }],
  });
  for (const placement of placements) await beginRevoking(db, placement, wanted);
  return placements.map(({ account, host }) => `${account} on ${host.name}`);
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
