import type { ChangeState } from "@/lib/change/machine";
import type { HostRecord } from "@/lib/features/hosts/list-sql";
import type { HostCondition, HostRow } from "@/lib/features/hosts/views";

/** What people see at a glance of a host's state and its last heartbeat. */
export function conditionOf(host: Pick<HostRecord, "state" | "reachable">): HostCondition {
  if (host.state !== "managed") return host.state;
  if (host.reachable === null) return "unknown";
  return host.reachable ? "ready" : "unreachable";
}

/** @param shippedSha256 of the agent that this version ships */
export function rowOf(host: HostRecord, shippedSha256: string): HostRow {
  return {
    id: host.id,
    name: host.name,
    address: host.address,
    port: host.port,
    tags: host.tags,
    condition: conditionOf(host),
    unreachableReason: host.reachable === false ? host.unreachableReason : null,
    seenAt: host.seenAt?.toISOString() ?? null,
    sshdVersion: host.sshdVersion,
    osName: host.osName,
    agentVersion: host.agentVersion,
    agentOutdated: host.agentSha256 !== null && host.agentSha256 !== shippedSha256,
    drifted: host.driftedAt !== null,
    pendingChange:
      host.changeId === null
        ? null
        : {
            id: host.changeId,
            state: host.changeState as ChangeState,
            rollbackAt: host.changeRollbackAt?.toISOString() ?? null,
          },
  };
}
