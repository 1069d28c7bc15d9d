import { randomBytes } from "node:crypto";
import type { AgentState } from "@/lib/agent/answers";
import { type Agent, withHost } from "@/lib/agent/client";
import { AgentError } from "@/lib/agent/errors";
import { shippedAgent } from "@/lib/agent/shipped-agent";
import { now as clockNow } from "@/lib/clock";
import { appendResult } from "@/lib/db/activity";
import { prisma, type Transaction } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { AppError } from "@/lib/errors";
import { accountView } from "@/lib/features/hosts/accounts";
import { targetOf } from "@/lib/features/hosts/host-target";
import { LiveLog } from "@/lib/features/hosts/live-log";
import { PackagesWork, RemoveWork } from "@/lib/features/hosts/operation-view";
import { reachOf, withManagedHost } from "@/lib/features/hosts/reach";
import { recordHello } from "@/lib/features/hosts/record-hello";
import { type Removal, removeFromHost } from "@/lib/features/hosts/remove";
import type { JobContext } from "@/lib/jobs/handlers";
import { SshError } from "@/lib/ssh/errors";

/** Time for the new agent to prove itself; the old one is back after it. */
const agentDeadlineSeconds = 60;

/** States of the agent's own transaction in which nothing is decided yet. */
const pendingOnHost: ReadonlySet<AgentState> = new Set(["prepared", "armed", "applied", "rolling"]);

/** The activity's name of each kind of operation; kinds without one are no acts. */
const actions: Readonly<Record<string, string>> = {
  packages: "host.packages",
  "update-agent": "host.update-agent",
  remove: "host.remove",
};

type Operation = NonNullable<Awaited<ReturnType<typeof begin>>>;

/**
 * Runs a longer act on a host and writes down how it went.
 *
 * A failure that a person can read ends it: he watches, and decides himself whether to try again. It begins again only
 * when the worker died or was stopped in the middle; each kind of work bears that.
 */
export async function operate(operationId: string, context: JobContext): Promise<void> {
  const operation = await begin(operationId);
  if (!operation) return;
  const live = new LiveLog((text) => tell(operation, { output: text }));
  try {
    const isGone = await work(operation, live, context);
    if (isGone) return;
    await live.end();
    await end(operation, { state: "done", error: null });
  } catch (error) {
    const isExpected = error instanceof SshError || error instanceof AgentError || error instanceof AppError;
    if (context.signal.aborted || (!isExpected && !context.isLastAttempt)) throw error;
    await live.end();
    const hostText = error instanceof AgentError ? error.hostText : "";
    await end(operation, {
      state: "failed",
      error: isExpected
        ? [error.message, hostText].filter(Boolean).join(" ")
        : "Something went wrong inside Gatehouse; its log says what.",
    });
    if (!isExpected) throw error;
  }
}

/** @returns true when the host, and with it the operation's row, is gone */
async function work(operation: Operation, live: LiveLog, context: JobContext): Promise<boolean> {
  const { hostId } = operation;
  const { signal } = context;
  switch (operation.kind) {
    case "packages": {
      const request = PackagesWork.parse(operation.input);
      const { code } = await withManagedHost(
        hostId,
        (agent) => agent.packages(request, (bytes) => live.add(bytes)),
        { signal },
      );
      if (code !== 0)
        throw new AppError(
          "unavailable",
          `The package manager ended with code ${code}. Its last lines say why.`,
        );
      await sayHello(hostId);
      return false;
    }
    case "update-agent":
      await replaceAgent(hostId, live, signal);
      return false;
    case "accounts": {
      const accounts = await withManagedHost(hostId, (agent) => agent.accounts(), { signal });
      // Whole or not at all: a live log would be cut.
      await tell(operation, { output: JSON.stringify(accounts.map(accountView)) });
      return false;
    }
    case "remove": {
      const { evenIfUnreachable } = RemoveWork.parse(operation.input);
      const removal = await removeFromHost(operation.host, live, {
        evenIfUnreachable,
        isRepeated: context.attempt > 1,
        signal,
      });
      await forget(operation, removal);
      return true;
    }
    default:
      throw new AppError("invalid", `This version knows no operation "${operation.kind}".`);
  }
}

/** The agent's own update is a change: the old one comes back unless the new one answers over a fresh login. */
async function replaceAgent(hostId: string, live: LiveLog, signal: AbortSignal): Promise<void> {
  const shipped = shippedAgent();
  const host = await reachOf(prisma(), hostId);
  const before = await withManagedHost(hostId, (agent) => agent.hello(), { signal });
  // A worker that died after the exchange took the nonce with it: what answers now is not kept, and says so itself.
  if (pendingOnHost.has(before.transaction.state))
    throw new AppError(
      "unavailable",
      `A change is still open on the host (perhaps an update that was interrupted). It decides by itself within ${agentDeadlineSeconds} seconds at the latest after an update; then try again.`,
    );
  if (before.agentSha256 !== shipped.sha256) {
    const id = newTransactionId();
    live.addLine(
      `Agent ${before.agentVersion} → ${shipped.version}; the old one comes back in ${agentDeadlineSeconds} s unless the new one answers.`,
    );
    const { nonce } = await withHost(
      host,
      (agent) =>
        agent.updateAgent({
          id,
          sha256: shipped.sha256,
          deadlineSeconds: agentDeadlineSeconds,
          content: shipped.content,
        }),
      { signal },
    );
    live.addLine("In place. Logging in afresh to the new agent …");
    await withHost(host, (agent) => agent.confirm({ id, nonce }, {}));
  }
  const after = await sayHello(hostId);
  if (after.agentSha256 !== shipped.sha256)
    throw new AppError("unavailable", "The host runs another agent than the one that was sent. Try again.");
  live.addLine(`The host runs agent ${after.agentVersion}.`);
}

/** [a-z0-9]{20}, as the agent wants the id of a change. */
function newTransactionId(): string {
  return BigInt(`0x${randomBytes(16).toString("hex")}`)
    .toString(36)
    .padStart(20, "0")
    .slice(-20);
}

async function sayHello(hostId: string) {
  const hello = await withManagedHost(hostId, (agent: Agent) => agent.hello());
  await recordHello(hostId, hello);
  return hello;
}

async function begin(operationId: string) {
  const operation = await prisma().operation.findFirst({
    where: { id: operationId, state: { in: ["queued", "running"] } },
    include: { host: true },
  });
  if (operation) await tell(operation, { state: "running", startedAt: operation.startedAt ?? clockNow() });
  return operation;
}

async function tell(
  operation: { id: string; hostId: string },
  data: { state?: string; startedAt?: Date; output?: string },
): Promise<void> {
  await prisma().$transaction(async (db) => {
    await db.operation.update({ where: { id: operation.id }, data });
    const event = {
      kind: "operation",
      data: { operationId: operation.id, ...(data.state && { state: data.state }) },
    };
    await appendEvent(db, { topic: `operation:${operation.id}`, ...event });
    await appendEvent(db, { topic: `host:${operation.hostId}`, ...event });
  });
}

async function end(
  operation: Operation,
  result: { state: "done" | "failed"; error: string | null },
): Promise<void> {
  const error = result.error?.replaceAll("\0", "\uFFFD").toWellFormed() ?? null;
  const entry = await resultEntry(operation, result.state, error === null ? {} : { error });
  await prisma().$transaction(async (db) => {
    await db.operation.update({
      where: { id: operation.id },
      data: { state: result.state, error, endedAt: clockNow() },
    });
    const event = { kind: "operation", data: { operationId: operation.id, state: result.state } };
    await appendEvent(db, { topic: `operation:${operation.id}`, ...event });
    await appendEvent(db, { topic: `host:${operation.hostId}`, ...event });
    if (entry) await appendResult(db, entry);
  });
}

/**
 * The host leaves the list together with the proof of it in the activity. What is on record of it is never lost: a
 * host with a past goes to the archive under a name that frees its own, without its key and pins; only one without any
 * past is deleted.
 */
async function forget(operation: Operation, { proof, leftOnHost }: Removal): Promise<void> {
  const entry = await resultEntry(operation, "done", { proof, ...(leftOnHost && { leftOnHost }) });
  await prisma().$transaction(async (db) => {
    const { hostId } = operation;
    const past =
      (await db.configFile.count({ where: { hostId } })) + (await db.change.count({ where: { hostId } }));
    if (past === 0) await db.host.delete({ where: { id: hostId } });
    else await bury(db, operation.host);
    await appendEvent(db, { topic: `host:${operation.hostId}`, kind: "removed", data: {} });
    await appendEvent(db, { topic: "hosts", kind: "removed", data: { hostId: operation.hostId } });
    if (entry) await appendResult(db, entry);
  });
}

/** Its configuration's versions and its changes stay readable; nothing that could reach it stays. */
async function bury(db: Transaction, host: { id: string; name: string }): Promise<void> {
  const now = clockNow();
  const day = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  await db.host.update({
    where: { id: host.id },
    data: {
      name: `${host.name}~removed-${day}`,
      state: "archived",
      archivedAt: now,
      managementPublicKey: null,
      managementKeySealed: null,
      agentVersion: null,
      agentSha256: null,
      reachable: null,
      unreachableReason: null,
      pins: { updateMany: { where: { retiredAt: null }, data: { retiredAt: now } } },
      operations: {
        updateMany: {
          where: { state: { in: ["queued", "running"] } },
          data: { state: "done", endedAt: now },
        },
      },
    },
  });
}

async function resultEntry(
  operation: Operation,
  outcome: "done" | "failed",
  detail: Record<string, unknown>,
) {
  const action = actions[operation.kind];
  if (!action) return undefined;
  const person = await prisma().person.findUnique({ where: { id: operation.actorId } });
  return {
    at: clockNow(),
    actor: { id: operation.actorId, name: person?.name ?? "somebody" },
    address: "",
    action,
    outcome,
    target: targetOf(operation.host),
    detail: { operationId: operation.id, ...detail },
  };
}
