import { AgentError } from "@/lib/agent/errors";
import { now as clockNow } from "@/lib/clock";
import { appendResult } from "@/lib/db/activity";
import { prisma } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { newActId } from "@/lib/features/host-codes/acts";
import { type CodesReading, readFrom, recordCodes, recordUnread } from "@/lib/features/host-codes/read";
import { targetOf } from "@/lib/features/hosts/host-target";
import { withManagedHost } from "@/lib/features/hosts/reach";
import type { JobContext } from "@/lib/jobs/handlers";
import { SshError } from "@/lib/ssh/errors";

/** Mends the modes of a state file that was made on the host, and reads what came of it. */
export async function mendForeign(hostId: string, account: string, context: JobContext): Promise<void> {
  let reading: CodesReading | undefined;
  let failure: string | undefined;
  try {
    reading = await withManagedHost(
      hostId,
      async (agent) => {
        await agent.mendCodes({ id: newActId(), account });
        return readFrom(agent);
      },
      { signal: context.signal },
    );
  } catch (error) {
    const isExpected = error instanceof SshError || error instanceof AgentError || error instanceof AppError;
    if (context.signal.aborted || !isExpected) throw error;
    failure = error.message;
  }
  const at = clockNow();
  await prisma().$transaction(async (db) => {
    const host = await db.host.findUnique({ where: { id: hostId } });
    if (!host) return;
    if (reading) await recordCodes(db, hostId, { reading, at });
    else await recordUnread(db, hostId, `${account}: ${failure}`, at);
    await appendResult(db, {
      at,
      actor: { id: null, name: "Gatehouse" },
      address: "",
      action: "host-code.mend-foreign",
      outcome: failure === undefined ? "done" : "failed",
      target: targetOf(host),
      detail: { account, ...(failure !== undefined && { failure }) },
    });
  });
}
