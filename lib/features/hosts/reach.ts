import { type Agent, type AgentHost, withHost } from "@/lib/agent/client";
import { now } from "@/lib/clock";
import { appendActivity } from "@/lib/db/activity";
import { type Db, prisma } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { AppError } from "@/lib/errors";
import { obstacleOf, targetOf } from "@/lib/features/hosts/host-target";
import { workerSealer } from "@/lib/secrets/worker-sealer";
import { type OfferedKey, SshError } from "@/lib/ssh/errors";
import { fingerprintOf } from "@/lib/ssh/keys";

// For the worker: the way to a managed host's agent, the same for every feature.

/**
 * What it takes to reach a managed host's agent.
 *
 * @throws AppError `not_found`; `unavailable` when nothing may be sent: not yet enrolled, archived, or its host key
 *   is not the pin
 * @param options.evenIf also in this state: a first contact, or the removal of an archived host
 */
export async function reachOf(
  db: Db,
  hostId: string,
  options: { evenIf?: "enrolling" | "archived" } = {},
): Promise<AgentHost> {
  const host = await db.host.findUnique({
    where: { id: hostId },
    include: { pins: { where: { retiredAt: null, offeredAt: null }, orderBy: { pinnedAt: "desc" } } },
  });
  if (!host) throw new AppError("not_found", "There is no such host.");
  const obstacle = host.state === options.evenIf ? null : obstacleOf(host);
  if (obstacle) throw new AppError("unavailable", obstacle);
  if (!host.managementKeySealed || host.pins.length === 0)
    throw new AppError(
      "unavailable",
      `${host.name} has no management key or no pinned host key. Enrol it again.`,
    );
  return {
    address: host.address,
    port: host.port,
    pins: host.pins.map(({ type, blob }) => ({ type, blob })),
    privateKey: workerSealer().openText(managementKeyPlace(host.id), host.managementKeySealed),
  };
}

/** Where a host's management key is sealed. */
export function managementKeyPlace(hostId: string) {
  return { table: "Host", column: "managementKeySealed", row: hostId };
}

/**
 * Runs `use` over one fresh pinned connection to the host's agent.
 *
 * A host key that is not the pin stops everything for the host: it is recorded here, before the error goes on.
 *
 * @throws AppError as `reachOf`; SshError and AgentError as `withHost`
 */
export async function withManagedHost<T>(
  hostId: string,
  use: (agent: Agent) => Promise<T>,
  options: { connectSeconds?: number; signal?: AbortSignal } = {},
): Promise<T> {
  const host = await reachOf(prisma(), hostId);
  try {
    return await withHost(host, use, options);
  } catch (error) {
    if (error instanceof SshError && error.failure === "host-key-changed")
      await recordKeyChange(hostId, error.offered);
    throw error;
  }
}

/** The host showed another key: nothing more is sent to it until a person re-pins; the offered key is kept. */
export async function recordKeyChange(hostId: string, offered: OfferedKey | undefined): Promise<void> {
  const at = now();
  await prisma().$transaction(async (db) => {
    const { count } = await db.host.updateMany({
      where: { id: hostId, state: "managed" },
      data: { state: "key_changed", checkedAt: at },
    });
    if (offered) {
      const blob = Buffer.from(offered.blob);
      const known = await db.hostKeyPin.findFirst({
        where: { hostId, blob, offeredAt: { not: null }, retiredAt: null },
      });
      if (!known)
        await db.hostKeyPin.create({
          data: {
            hostId,
            type: offered.type,
            blob,
            fingerprint: fingerprintOf(blob),
            origin: "offered instead of the pin",
            offeredAt: at,
          },
        });
    }
    if (count === 0) return;
    await appendEvent(db, { topic: `host:${hostId}`, kind: "key_changed", data: {} });
    await appendEvent(db, { topic: "hosts", kind: "key_changed", data: { hostId } });
    const host = await db.host.findUniqueOrThrow({ where: { id: hostId } });
    await appendActivity(db, {
      at,
      actor: { id: null, name: "Gatehouse" },
      address: "",
      action: "host.key-changed",
      outcome: "refused",
      target: targetOf(host),
      detail: {
        offered: offered ? `${offered.type} ${fingerprintOf(offered.blob)}` : "no key of a pinned type",
      },
    });
  });
}
