import type { ManagementLogin } from "@/lib/access/lockout";
import type { CheckResult } from "@/lib/agent/answers";
import { addMarker, managementAccount, markerVariable } from "@/lib/change/marker";
import { prisma } from "@/lib/db/client";
import { type Asked, connectionsToAsk } from "@/lib/features/changes/plan";
import { withManagedHost } from "@/lib/features/hosts/reach";
import type { Change } from "@/lib/generated/prisma/client";

/** As much of a change as the host has to know to say what it would do. */
type DraftedChange = Pick<Change, "hostId" | "hostRef" | "fileSha256Id" | "baseSha256" | "content">;

/** The host's own answers about the change, for some connections; ours is the first. */
export async function askHost(change: DraftedChange): Promise<{ asked: Asked[]; check: CheckResult }> {
  return withManagedHost(change.hostId, async (agent) => {
    const address = agent.login.localAddress;
    const asked = connectionsToAsk(await agent.accounts());
    const check = await agent.check({
      file: change.fileSha256Id,
      base: change.baseSha256,
      specs: asked.map(({ spec }) => (address ? { ...spec, host: address, addr: address } : spec)),
      content: Buffer.from(addMarker(change.content, change.hostRef), "utf8"),
    });
    return { asked, check };
  });
}

/** What sshd must go on to let in. */
export async function loginOf(change: Pick<Change, "hostId" | "hostRef">): Promise<ManagementLogin> {
  const host = await prisma().host.findUniqueOrThrow({
    where: { id: change.hostId },
    include: { pins: { where: { retiredAt: null, offeredAt: null } } },
  });
  return {
    account: managementAccount,
    port: host.port,
    pinnedTypes: [...new Set(host.pins.map((pin) => pin.type))],
    markerVariable: markerVariable(change.hostRef),
  };
}
