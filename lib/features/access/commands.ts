import { AppError } from "@/lib/errors";
import { HostAccessInput } from "@/lib/features/access/schema";
import { obstacleOf, targetOf } from "@/lib/features/hosts/host-target";
import { enqueue, hostQueue } from "@/lib/jobs/enqueue";
import { command } from "@/lib/usecase";

/** Asks the worker to read who can log in on a host; the page hears of it by an event. */
export const readAccess = command({
  name: "access.read",
  permission: "access:read",
  input: HostAccessInput,
  async run({ hostId }, { db, record }) {
    const host = await db.host.findUnique({
      where: { id: hostId },
      select: { id: true, name: true, state: true },
    });
    if (!host) throw new AppError("not_found", "There is no such host.");
    record({ target: targetOf(host) });
    const obstacle = obstacleOf(host);
    if (obstacle) throw new AppError("unavailable", obstacle);
    await enqueue(
      db,
      "access.collect",
      { hostId },
      { jobKey: `access.collect:${hostId}`, queue: hostQueue(hostId) },
    );
    return {};
  },
});
