import { type AgentHost, withHost } from "@/lib/agent/client";
import { sleep } from "@/lib/clock";
import { prisma } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import type { LiveLog } from "@/lib/features/hosts/live-log";
import { reachOf } from "@/lib/features/hosts/reach";
import { SshError } from "@/lib/ssh/errors";

/** How far a removal is proved, as the activity says it. */
export interface Removal {
  readonly proof: string;
  /** Why something may still be there. */
  readonly leftOnHost?: string;
}

/**
 * Takes off a host what was installed there, and proves it: our key is refused afterwards.
 *
 * @param options.isRepeated an earlier run may have uninstalled already: a refused login is then the proof
 * @returns the proof; or that there is none, when the person wanted to go on all the same or nothing was ever reached
 * @throws SshError, AgentError or AppError when it cannot be proved and the person did not want that
 */
export async function removeFromHost(
  host: { id: string; name: string; agentVersion: string | null },
  live: LiveLog,
  options: { evenIfUnreachable: boolean; isRepeated: boolean; signal: AbortSignal },
): Promise<Removal> {
  if (host.agentVersion === null) return neverReached(host.id, live);
  try {
    await uninstall(host.id, live, options);
    return { proof: "the management key is refused by the host" };
  } catch (error) {
    if (options.signal.aborted || !options.evenIfUnreachable) throw error;
    const reason = error instanceof Error ? error.message : "unknown";
    live.addLine(`Forgotten although it could not be uninstalled: ${reason}`);
    return { proof: "none", leftOnHost: reason };
  }
}

/** Where an install command was made or a credential used, the agent may be there although it never answered. */
async function neverReached(hostId: string, live: LiveLog): Promise<Removal> {
  const begun = await prisma().enrolment.count({
    where: { hostId, OR: [{ usedAt: { not: null } }, { scriptSha256: { not: null } }] },
  });
  if (begun === 0) {
    live.addLine("Nothing was ever installed on this host: nothing to take off.");
    return { proof: "nothing was ever installed" };
  }
  const leftOnHost =
    "An installation may have been begun, but Gatehouse never got in: the account gatehouse and its agent may be there.";
  live.addLine(leftOnHost);
  return { proof: "none", leftOnHost };
}

async function uninstall(
  hostId: string,
  live: LiveLog,
  options: { isRepeated: boolean; signal: AbortSignal },
): Promise<void> {
  const reach = await reachOf(prisma(), hostId, { evenIf: "archived" });
  try {
    await withHost(reach, (agent) => agent.uninstall(), { signal: options.signal });
    live.addLine("The agent has taken itself off the host. Trying to log in once more …");
  } catch (error) {
    const isRefused = error instanceof SshError && error.failure === "authentication-refused";
    if (!(isRefused && options.isRepeated)) throw error;
  }
  await proveRefused(reach, options.signal);
  live.addLine("The host refuses Gatehouse's key: nothing of it is left.");
}

/** The agent answers first and takes itself away then; a slow host needs some seconds. */
const goneWithinSeconds = 30;
/** Each refused login counts for sshd's PerSourcePenalties: few and far between. */
const retrySeconds = 3;

/** @throws AppError when the host still lets our key in; SshError when it cannot be asked */
async function proveRefused(reach: AgentHost, signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < goneWithinSeconds && !signal.aborted; waited += retrySeconds) {
    await sleep(waited === 0 ? 1 : retrySeconds, signal);
    try {
      await withHost(reach, async () => {}, { signal });
    } catch (error) {
      if (error instanceof SshError && error.failure === "authentication-refused") return;
      throw error;
    }
  }
  throw new AppError(
    "unavailable",
    "The host still lets Gatehouse's key in. Look at its authorized_keys files, then remove it again.",
  );
}
