import { readFileSync } from "node:fs";
import type { Peer } from "@/bench/push/peers";
import { ProcessGroup } from "@/bench/push/process-group";
import type { Lab, LabHost } from "@/e2e/lab/lab";
import type { OwnCluster } from "@/lib/testing/own-cluster";
import { PushProduct } from "@/lib/testing/push-product";

/** Gatehouse itself. Its controller is the worker, PostgreSQL, and this process, which runs what the web process would. */
export async function gatehouse(cluster: OwnCluster, lab: Lab, hosts: readonly LabHost[]): Promise<Peer> {
  const group = new ProcessGroup("gatehouse");
  for (const pid of [cluster.pid, ...childrenOf(cluster.pid)]) group.adopt(pid);
  // Connections that were opened before are those of PostgreSQL's children, and are in the group by now.
  const product = await PushProduct.open(cluster.db, lab, hosts, (pid) => group.adopt(pid));
  return {
    name: "Gatehouse (checked, undone by the host unless a fresh login confirms, recorded)",
    async prepare(some) {
      await product.reread(some);
    },
    async push(some, edit) {
      const before = group.processorMilliseconds;
      const own = process.cpuUsage();
      group.watchMemory();
      const { planSeconds, applySeconds } = await product.push(some, edit);
      const mebibytes = group.mostMebibytes();
      // What follows is part of the price: each host's configuration is read again.
      await product.rest();
      const { user, system } = process.cpuUsage(own);
      return {
        seconds: applySeconds,
        planSeconds,
        processorMilliseconds: group.processorMilliseconds - before + (user + system) / 1000,
        mebibytes,
      };
    },
    async close() {
      await product.worker.stop();
      // PostgreSQL is the caller's to end.
      group.release();
    },
  };
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map(Number);
}
