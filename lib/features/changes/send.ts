import type { Applied } from "@/lib/agent/answers";
import type { ApplyKeysRequest, ApplyRequest } from "@/lib/agent/client";
import { AgentError, type AgentErrorCode } from "@/lib/agent/errors";
import { addMarker } from "@/lib/change/marker";
import { timing } from "@/lib/change/timing";
import { now, sleep } from "@/lib/clock";
import { prisma } from "@/lib/db/client";
import { askTruth } from "@/lib/features/changes/ask-truth";
import { again, type Drive, move, type Next, note, reasonOf } from "@/lib/features/changes/driving";
import { isModeRepair, KeyEdits } from "@/lib/features/changes/key-edits";
import { noncePlace } from "@/lib/features/changes/nonce";
import { whyNotNow } from "@/lib/features/changes/two-factor-plan";
import { withManagedHost } from "@/lib/features/hosts/reach";
import type { Change } from "@/lib/generated/prisma/client";
import { log } from "@/lib/log";
import { Secret } from "@/lib/secrets/secret";
import { workerSealer } from "@/lib/secrets/worker-sealer";

/** The agent said no before it touched anything. Other codes may come after it began, so the host is asked. */
const untouched: ReadonlySet<AgentErrorCode | "malformed"> = new Set([
  "protocol",
  "version",
  "pending",
  "unknown-file",
  "too-large",
  "check-failed",
  "locks-us-out",
  "refused",
]);

/** Another request holds the agent's lock for a moment; then it is somebody's long act. */
const busyTries = 8;

/**
 * Hands the change to the host: the one request that changes it.
 *
 * Repeating it is safe: the agent makes a change of an id once, and gives the same answer again while it is applied.
 * So it is repeated whenever its answer was lost, by whichever worker, for a while. After that nobody expects the
 * change to happen any more, and only the truth is asked for.
 */
export async function send(change: Change, drive: Drive): Promise<Next> {
  if (await isStale(change)) {
    if (change.sentAt) return askTruth(change, drive);
    await move(change, "refused", {
      kind: "refused",
      text: "No worker was there to apply it in time. The host was not told, nothing was changed. Plan it again.",
    });
    return again;
  }
  const obstacle = await lookAgain(change);
  if (obstacle !== undefined) {
    await move(change, "refused", {
      kind: "refused",
      text: `The host was not told, nothing was changed: ${obstacle}`,
    });
    return again;
  }
  const sent = await prisma().change.updateMany({
    where: { id: change.id, state: "applying" },
    data: { sentAt: change.sentAt ?? now() },
  });
  if (sent.count === 0) return again;
  let applied: Applied;
  let isSent = false;
  try {
    applied = await withManagedHost(
      change.hostId,
      (agent) => {
        isSent = true;
        if (change.kind === "keys")
          return isModeRepair(KeyEdits.parse(change.keyEdits))
            ? agent.repairModes({ ...keyFileOf(change), sha256: change.newSha256 })
            : agent.applyKeys({ ...keyFileOf(change), content: keyBytesOf(change) });
        return agent.apply({
          id: change.hostRef,
          file: change.fileSha256Id,
          base: change.baseSha256,
          deadlineSeconds: change.deadlineSeconds,
          override: change.overridePrecheck,
          content: Buffer.from(addMarker(change.content, change.hostRef), "utf8"),
          ...pamOf(change),
        });
      },
      { connectSeconds: timing.connectSeconds },
    );
  } catch (error) {
    return afterFailure(change, drive, error, isSent);
  }
  await keepAnswer(change, applied);
  drive.tries = 0;
  return again;
}

function keyFileOf(change: Change): Omit<ApplyKeysRequest, "content"> {
  if (change.account === null) throw new Error(`change ${change.id} is of nobody's keys`);
  return {
    id: change.hostRef,
    account: change.account,
    file: change.fileSha256Id,
    base: change.baseSha256,
    deadlineSeconds: change.deadlineSeconds,
  };
}

function keyBytesOf(change: Change): Uint8Array {
  if (!change.keyBytes) throw new Error(`change ${change.id} has no keys to write`);
  return change.keyBytes;
}

/** Why a change of the second factor may not begin, by the host as it is now; what was sent once is not judged again. */
async function lookAgain(change: Change): Promise<string | undefined> {
  if (change.kind !== "two-factor" || change.sentAt) return undefined;
  try {
    return await whyNotNow(change);
  } catch (error) {
    return reasonOf(error);
  }
}

function pamOf({ pamBaseSha256, pamContent }: Change): Pick<ApplyRequest, "pam"> {
  if (pamContent === null || pamBaseSha256 === null) return {};
  return { pam: { base: pamBaseSha256, content: Buffer.from(pamContent, "utf8") } };
}

/** Whether the person pressed Apply so long ago that he no longer expects it to begin. */
async function isStale(change: Change): Promise<boolean> {
  const limit = timing.applyWithinSeconds * 1000;
  if (now().getTime() - change.createdAt.getTime() <= limit) return false; // He cannot have pressed it before.
  const pressed = await prisma().changeStep.findFirst({
    where: { changeId: change.id, kind: "applying" },
    orderBy: { id: "desc" },
  });
  const since = pressed?.at ?? change.createdAt;
  return now().getTime() - since.getTime() > limit;
}

async function afterFailure(change: Change, drive: Drive, error: unknown, isSent: boolean): Promise<Next> {
  const reason = reasonOf(error);
  drive.tries++;
  if (error instanceof AgentError) {
    if (untouched.has(error.code)) {
      await move(change, "refused", { kind: "refused", text: `The host refused it: ${reason}` });
      return again;
    }
    // It was made by an earlier try, and has ended since.
    if (error.code === "replay") return askTruth(change, drive);
    if (error.code === "conflict") return asking(change, drive, `Refused: ${reason}`);
    if (error.code === "busy" && drive.tries <= busyTries) {
      await note(change, { kind: "waiting", text: `The host is busy: ${reason}` });
      return { waitSeconds: timing.retryProofSeconds };
    }
    // What keeps it busy may be our own earlier try: only the host's answer tells, never the refusal.
    if (error.code === "busy") return askTruth(change, drive);
    return asking(change, drive, `The host could not apply it: ${reason}`);
  }
  // Nothing was sent by this try, but an earlier one may have been (its answer was lost).
  if (!isSent && !change.sentAt) {
    await move(change, "refused", {
      kind: "refused",
      text: `The host was not told, nothing was changed: ${reason}`,
    });
    return again;
  }
  await note(change, { kind: "failed", text: `The host's answer was lost: ${reason}` });
  return { waitSeconds: timing.retryProofSeconds };
}

async function asking(change: Change, drive: Drive, text: string): Promise<Next> {
  await note(change, { kind: "failed", text });
  return askTruth(change, drive, text);
}

/**
 * Writes the answer down before anything else is done: without the nonce nobody could keep the change.
 *
 * While the database is away it is tried again until the host has rolled back anyway.
 */
async function keepAnswer(change: Change, applied: Applied): Promise<void> {
  const answeredAt = now();
  const left = Math.max(0, applied.deadlineUptimeSeconds - applied.uptimeSeconds);
  const rollbackAt = new Date(answeredAt.getTime() + left * 1000);
  const nonceSealed = workerSealer().sealText(noncePlace(change.id), new Secret(applied.nonce));
  for (;;) {
    try {
      await move(
        change,
        "proving",
        {
          kind: "applied",
          text: `The host has the new file in force, and rolls back by itself in ${Math.round(left)} seconds.`,
          detail: { generation: applied.generation, bootId: applied.bootId },
        },
        {
          nonceSealed: Buffer.from(nonceSealed),
          bootId: applied.bootId.slice(0, 100),
          appliedAt: answeredAt,
          rollbackAt,
        },
      );
      return;
    } catch (error) {
      if (now() > rollbackAt) throw error;
      log.warn("The host's answer to a change could not be written down; trying again", {
        changeId: change.id,
        error,
      });
      await sleep(1);
    }
  }
}
