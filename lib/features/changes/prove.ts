import { randomInt } from "node:crypto";
import type { Agent } from "@/lib/agent/client";
import { AgentError } from "@/lib/agent/errors";
import { markerVariable } from "@/lib/change/marker";
import { timing } from "@/lib/change/timing";
import { now } from "@/lib/clock";
import { prisma } from "@/lib/db/client";
import { askTruth } from "@/lib/features/changes/ask-truth";
import {
  again,
  type Drive,
  isShutOut,
  move,
  type Next,
  note,
  reasonOf,
  secondsUntil,
} from "@/lib/features/changes/driving";
import { openNonce } from "@/lib/features/changes/nonce";
import type { ChangeView } from "@/lib/features/changes/views";
import { withManagedHost } from "@/lib/features/hosts/reach";
import type { Change } from "@/lib/generated/prisma/client";
import { SshError } from "@/lib/ssh/errors";
import { fingerprintOf } from "@/lib/ssh/keys";

/** A second refusal tells that the first was no accident; a third would only feed sshd's penalties. */
const loginTries = 2;

type Proof = NonNullable<ChangeView["proof"]>;

/**
 * Logs in anew under the new file. Kept by login: that very login confirms. Kept by a person: he is told to try his.
 */
export async function prove(change: Change, drive: Drive): Promise<Next> {
  if (secondsUntil(change.rollbackAt) < timing.confirmMarginSeconds)
    return giveUp(
      change,
      drive,
      "No fresh login succeeded in time. The host puts the old file back by itself.",
    );
  try {
    if (change.keepBy === "login") {
      const proof = await confirmByLogin(change);
      await move(change, "confirmed", kept, { proof: { ...proof }, provedAt: new Date(proof.loginAt) });
      return again;
    }
    const proof = await login(change);
    if (!proof) return askTruth(change, drive);
    await move(
      change,
      "awaiting_person",
      {
        kind: "proved",
        text: "A fresh login succeeded under the new file. Try your own login now, then keep the change or roll it back.",
      },
      { proof: { ...proof }, provedAt: new Date(proof.loginAt) },
    );
    return again;
  } catch (error) {
    return afterFailure(change, drive, error);
  }
}

/** Confirms a change that a person keeps, over one more fresh login. */
export async function confirm(change: Change, drive: Drive): Promise<Next> {
  if (secondsUntil(change.rollbackAt) < 0) return askTruth(change, drive);
  try {
    const proof = await confirmByLogin(change);
    await move(change, "confirmed", kept, { proof: { ...proof } });
    return again;
  } catch (error) {
    const reason = reasonOf(error);
    drive.tries++;
    if (error instanceof AgentError && isFinal(error)) {
      await note(change, { kind: "failed", text: `The host did not keep it: ${reason}` });
      if (error.code === "late" || error.code === "not-applied") return askTruth(change, drive);
      await withManagedHost(change.hostId, (agent) => agent.cancel(change.hostRef)).catch(reasonOf);
      return askTruth(change, drive);
    }
    await note(change, { kind: "failed", text: `The keeping login failed: ${reason}` });
    return { waitSeconds: timing.retryProofSeconds };
  }
}

const kept = {
  kind: "confirmed",
  text: "Kept: a fresh login under the new file proved that Gatehouse gets in.",
};

/** The agent's answers after which another try cannot succeed. */
function isFinal({ code }: AgentError): boolean {
  return code !== "busy" && code !== "malformed" && code !== "internal" && code !== "no-space";
}

async function afterFailure(change: Change, drive: Drive, error: unknown): Promise<Next> {
  const reason = reasonOf(error);
  drive.tries++;
  await note(change, { kind: "failed", text: `The fresh login failed: ${reason}` });
  if (error instanceof AgentError) {
    if (error.code === "late" || error.code === "not-applied") return askTruth(change, drive);
    if (isFinal(error)) return giveUp(change, drive, `Not proved, so it is rolled back: ${reason}`);
  }
  if (error instanceof SshError && error.failure === "host-key-changed")
    return giveUp(
      change,
      drive,
      "Another host key answered, so nothing was sent. The host rolls back by itself.",
    );
  if (isShutOut(error) && drive.tries >= loginTries) {
    drive.lockedOut = true;
    return giveUp(
      change,
      drive,
      "The host refuses our login under the new file. It puts the old file back by itself.",
    );
  }
  return { waitSeconds: timing.retryProofSeconds };
}

async function giveUp(change: Change, drive: Drive, text: string): Promise<Next> {
  await move(change, "rolling_back", { kind: "rolling_back", text });
  drive.tries = 0;
  return again;
}

/** A fresh login that confirms. The agent checks that it is fresh, and that the new file let it in. */
async function confirmByLogin(change: Change): Promise<Proof> {
  const nonce = openNonce(change).reveal();
  // The second variable is a decoy that no file accepts: an sshd that lets it through would let anything through.
  const env = { [markerVariable(change.hostRef)]: "1", [markerVariable(randomRef())]: "1" };
  return withManagedHost(
    change.hostId,
    async (agent) => {
      await agent.confirm({ id: change.hostRef, nonce }, env);
      return proofOf(change, agent, change.newSha256);
    },
    { connectSeconds: timing.connectSeconds },
  );
}

/** A fresh login that only looks; undefined when the change is not applied any more. */
async function login(change: Change): Promise<Proof | undefined> {
  return withManagedHost(
    change.hostId,
    async (agent) => {
      const status = await agent.status(change.hostRef);
      if (status.state !== "applied" || status.id !== change.hostRef) return undefined;
      return proofOf(change, agent, status.liveSha256);
    },
    { connectSeconds: timing.connectSeconds },
  );
}

async function proofOf(change: Change, agent: Agent, liveSha256: string): Promise<Proof> {
  const [known] = await prisma().$queryRaw<{ address: string; port: number; generation: string | null }[]>`
    select h.address, h.port, (
      select s.detail ->> 'generation' from "ChangeStep" s
      where s."changeId" = ${change.id}::uuid and s.kind = 'applied' order by s.id limit 1
    ) as generation
    from "Host" h where h.id = ${change.hostId}::uuid`;
  return {
    loginAt: now().toISOString(),
    generation: known?.generation ?? "",
    liveSha256,
    address: known
      ? `${known.address.includes(":") ? `[${known.address}]` : known.address}:${known.port}`
      : "",
    hostKey: fingerprintOf(agent.login.hostKey),
  };
}

function randomRef(): string {
  const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  return Array.from({ length: 20 }, () => alphabet[randomInt(alphabet.length)]).join("");
}
