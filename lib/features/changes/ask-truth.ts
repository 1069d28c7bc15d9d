import type { AgentStatus } from "@/lib/agent/answers";
import { type ChangeState, canBecome } from "@/lib/change/machine";
import { timing } from "@/lib/change/timing";
import { now } from "@/lib/clock";
import { prisma } from "@/lib/db/client";
import {
  again,
  type Drive,
  move,
  type Next,
  note,
  patience,
  reasonOf,
  secondsUntil,
} from "@/lib/features/changes/driving";
import { isModeRepair, KeyEdits, modesSha256 } from "@/lib/features/changes/key-edits";
import { undoneWords } from "@/lib/features/changes/undone-words";
import { withManagedHost } from "@/lib/features/hosts/reach";
import type { Change } from "@/lib/generated/prisma/client";

/** An apply that is under way may not be on record yet; longer than the agent's own longest request. */
const underWaySeconds = 75;

/**
 * Asks the host what became of a change, and writes that down: what the host says always wins.
 *
 * While it does not answer the change is "unknown": the host decides by itself, and we ask until we know.
 *
 * @param because why we ask, as the outcome of a change that the host does not know or has undone
 */
export async function askTruth(change: Change, drive: Drive, because?: string): Promise<Next> {
  let status: AgentStatus;
  try {
    status = await withManagedHost(change.hostId, (agent) => agent.status(change.hostRef), {
      connectSeconds: timing.connectSeconds,
    });
  } catch (error) {
    return notAnswered(change, drive, reasonOf(error));
  }
  drive.tries = 0;
  switch (status.verdict) {
    case "confirmed":
      return end(change, "confirmed", "Kept: the host confirms it.");
    case "rolled-back":
      return end(change, "rolled_back", undoneWords(status, change.baseSha256, because));
    case "pending":
      return stillOpen(change, drive, status);
    default:
      return neverSeen(change, drive, because);
  }
}

async function notAnswered(change: Change, drive: Drive, reason: string): Promise<Next> {
  drive.tries++;
  if (change.state === "unknown" && (await isHostForgotten(change.hostId))) {
    await move(change, "forgotten", {
      kind: "forgotten",
      text: "The host was taken out of Gatehouse before it answered. It kept or undid the change by itself.",
    });
    return again;
  }
  if (change.state === "unknown")
    await note(change, { kind: "failed", text: `The host still does not answer: ${reason}` });
  else
    await move(change, "unknown", {
      kind: "unknown",
      text: `The host does not answer: ${reason} It keeps or undoes the change by itself; Gatehouse asks until it knows.`,
    });
  return patience(change);
}

/** A removed host's past stays, without the key that reached it: it can never be asked again. */
async function isHostForgotten(hostId: string): Promise<boolean> {
  return (
    (await prisma().host.count({ where: { id: hostId, state: "archived", managementKeySealed: null } })) === 1
  );
}

/** Undone or kept: the state machine knows which state may end how; from others it ends through "unknown". */
async function end(change: Change, to: "confirmed" | "rolled_back" | "refused", text: string): Promise<Next> {
  const from = change.state as ChangeState;
  if (canBecome(from, to)) await move(change, to, { kind: to, text });
  else await move(change, "unknown", { kind: "unknown", text: "The host has decided by itself." });
  return again;
}

/** The host holds it and has not decided. */
async function stillOpen(change: Change, drive: Drive, status: AgentStatus): Promise<Next> {
  const left = secondsUntil(change.rollbackAt);
  // It is about to undo it, or doing so.
  if (status.state !== "applied" || (change.nonceSealed && left < 0)) return { waitSeconds: 2 };
  if (!change.nonceSealed) {
    // Nobody has the nonce, so nobody can keep it.
    await withManagedHost(change.hostId, (agent) => agent.cancel(change.hostRef)).catch(reasonOf);
    drive.tries++;
    return drive.tries > 5 ? patience(change) : { waitSeconds: 1 };
  }
  if (change.state === "rolling_back") return { waitSeconds: timing.retryProofSeconds };
  if (change.state !== "unknown") return { waitSeconds: 1 };
  const proved = change.keepBy === "person" && change.provedAt !== null;
  await move(change, proved ? "awaiting_person" : "proving", {
    kind: "answered",
    text: "The host answers again, and the change is still open.",
  });
  return again;
}

async function neverSeen(change: Change, drive: Drive, because: string | undefined): Promise<Next> {
  const sentAgo = change.sentAt
    ? (now().getTime() - change.sentAt.getTime()) / 1000
    : Number.POSITIVE_INFINITY;
  if (!because && sentAgo < underWaySeconds) return { waitSeconds: timing.reconcileSeconds };
  // Applied and then forgotten: the agent's record is gone. Its file still tells what is in force.
  let reading: string | undefined = change.baseSha256;
  try {
    if (change.nonceSealed) reading = await liveSha256(change);
  } catch (error) {
    // A file that could not be read is neither the new one nor the old one.
    return notAnswered(change, drive, reasonOf(error));
  }
  if (reading === change.newSha256)
    return end(change, "confirmed", "The host no longer knows this change, but the new file is what it has.");
  if (change.nonceSealed)
    return end(change, "rolled_back", "The host no longer knows this change, and does not have its file.");
  return end(
    change,
    "refused",
    because ?? "The change never reached the host. Nothing was changed; plan it again.",
  );
}

async function liveSha256(change: Change): Promise<string | undefined> {
  const { kind, account } = change;
  if (kind === "keys" && account !== null && isModeRepair(KeyEdits.parse(change.keyEdits))) {
    const files = await withManagedHost(change.hostId, (agent) => agent.readKeys(account));
    const modes = files.find((file) => file.path === change.path)?.modes;
    return modes ? modesSha256(modes.now) : undefined;
  }
  const files = await withManagedHost<readonly { path: string; sha256: string }[]>(change.hostId, (agent) =>
    kind === "keys" && account !== null ? agent.readKeys(account) : agent.readConfig(),
  );
  return files.find((file) => file.path === change.path)?.sha256;
}

/** Pending changes that nobody drives: a net under the wake-up jobs, for the cron. */
export async function undrivenChanges(pending: readonly ChangeState[]): Promise<{ id: string }[]> {
  return prisma().change.findMany({
    where: { state: { in: [...pending] }, OR: [{ drivenUntil: null }, { drivenUntil: { lt: now() } }] },
    select: { id: true },
  });
}
