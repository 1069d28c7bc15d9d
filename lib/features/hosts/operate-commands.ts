import { randomUUID } from "node:crypto";
import { shippedAgent } from "@/lib/agent/shipped-agent";
import { pendingStates } from "@/lib/change/machine";
import type { Transaction } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { AppError } from "@/lib/errors";
import { obstacleOf, refusePendingChange, targetOf } from "@/lib/features/hosts/host-target";
import type { OperationKind } from "@/lib/features/hosts/operation-view";
import { HostId, PackagesInput, RemoveHostInput } from "@/lib/features/hosts/schema";
import type { Prisma } from "@/lib/generated/prisma/client";
import { enqueue, hostQueue } from "@/lib/jobs/enqueue";
import { command } from "@/lib/usecase";

// Longer acts on a host: a row that people watch, and a job in the host's queue.

/** Installs or upgrades OpenSSH through the host's package manager. */
export const runPackages = command({
  name: "host.packages",
  permission: "host:packages",
  stepUp: true,
  ends: "later",
  input: PackagesInput,
  async run({ hostId, action, name }, { db, actor, record }): Promise<{ operationId: string }> {
    const host = await hostThatAnswers(db, hostId);
    await refusePendingChange(db, hostId);
    const operationId = await beginOperation(db, hostId, "packages", actor.personId, { action, name });
    record({ target: targetOf(host), detail: { operationId, action, package: name } });
    return { operationId };
  },
});

/** Puts the shipped agent in place of the host's; the old one comes back unless the new one answers. */
export const updateAgent = command({
  name: "host.update-agent",
  permission: "host:agent",
  stepUp: true,
  ends: "later",
  input: HostId,
  async run({ hostId }, { db, actor, record }): Promise<{ operationId: string }> {
    const host = await hostThatAnswers(db, hostId);
    record({ target: targetOf(host) });
    await refusePendingChange(db, hostId);
    const shipped = shippedAgent();
    if (host.agentSha256 === shipped.sha256)
      throw new AppError("conflict", "The host has the agent of this version already.");
    const operationId = await beginOperation(db, hostId, "update-agent", actor.personId, {});
    record({ detail: { operationId, from: host.agentVersion, to: shipped.version, sha256: shipped.sha256 } });
    return { operationId };
  },
});

/** Takes off the host what was installed, proves that our key no longer gets in, and forgets the host. */
export const removeHost = command({
  name: "host.remove",
  permission: "host:remove",
  stepUp: true,
  ends: "later",
  input: RemoveHostInput,
  async run({ hostId, name, evenIfUnreachable }, { db, actor, record }): Promise<{ operationId: string }> {
    // Whoever applies a change to this host waits here, and then finds that it is being removed; or we find his change.
    await db.$queryRaw`select id from "Host" where id = ${hostId}::uuid for update`;
    const host = await db.host.findUnique({ where: { id: hostId } });
    if (!host) throw new AppError("not_found", "There is no such host.");
    record({ target: targetOf(host), detail: { evenIfUnreachable } });
    if (name !== host.name)
      throw new AppError("invalid", `Type the host's name, ${host.name}, to remove it.`, {
        fields: { name: "This is not the host's name." },
      });
    // A host that is gone for good never says what became of its change: that must not keep it here for ever.
    const inTheWay = evenIfUnreachable ? pendingStates.filter((state) => state !== "unknown") : pendingStates;
    await refusePendingChange(db, hostId, inTheWay);
    const operationId = await beginOperation(db, hostId, "remove", actor.personId, { evenIfUnreachable });
    record({ detail: { operationId } });
    return { operationId };
  },
});

/** Asks the host for its facts again. */
export const refreshHost = command({
  name: "host.refresh",
  permission: "host:read",
  recorded: false,
  input: HostId,
  async run({ hostId }, { db }): Promise<void> {
    await hostThatAnswers(db, hostId);
    await enqueue(db, "host.heartbeat", { hostId }, { jobKey: `heartbeat:${hostId}` });
  },
});

/** Reads the accounts on the host; `getHostAccounts` shows them when the operation is done. */
export const readAccounts = command({
  name: "host.read-accounts",
  permission: "host:read",
  recorded: false,
  input: HostId,
  async run({ hostId }, { db, actor }): Promise<{ operationId: string }> {
    await hostThatAnswers(db, hostId);
    const running = await db.operation.findFirst({
      where: { hostId, kind: "accounts", state: { in: ["queued", "running"] } },
      select: { id: true },
    });
    const operationId = running?.id ?? (await beginOperation(db, hostId, "accounts", actor.personId, {}));
    return { operationId };
  },
});

async function hostThatAnswers(db: Transaction, hostId: string) {
  const host = await db.host.findUnique({ where: { id: hostId } });
  if (!host) throw new AppError("not_found", "There is no such host.");
  const obstacle = obstacleOf(host);
  if (obstacle) throw new AppError("conflict", obstacle);
  return host;
}

async function beginOperation(
  db: Transaction,
  hostId: string,
  kind: OperationKind,
  actorId: string,
  input: Prisma.InputJsonObject,
): Promise<string> {
  const id = randomUUID();
  await db.operation.create({ data: { id, hostId, kind, input, actorId } });
  await enqueue(db, "host.operate", { operationId: id }, { queue: hostQueue(hostId), attempts: 3 });
  await appendEvent(db, {
    topic: `host:${hostId}`,
    kind: "operation",
    data: { operationId: id, state: "queued" },
  });
  return id;
}
