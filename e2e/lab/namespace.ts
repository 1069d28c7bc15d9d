import type { ChildProcess } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** The address of the lab itself, on the bridge that all its hosts hang on. */
export const GATEWAY = "10.77.255.254";

/** Arguments for `nsenter` that put a command into the network of a lab, on this machine's own file system. */
export function networkOf(pid: number): string[] {
  return [`--target=${pid}`, "--net", "--"];
}

/** Arguments for `nsenter` to start something among the hosts of a lab: its mounts, processes and network. */
export function insideLab(pid: number): string[] {
  return [`--target=${pid}`, "--mount", "--pid", "--net", "--"];
}

/** Arguments for `nsenter` that put a command inside a host, as if root had logged in there. */
export function insideHost(pid: number, hasCgroup: boolean): string[] {
  const own = ["--mount", "--pid", "--uts", "--ipc", "--net", "--time", "--root", "--wd"];
  return [`--target=${pid}`, ...own, ...(hasCgroup ? ["--cgroup"] : []), "--"];
}

/** The pid namespace that a process lives in, e.g. `pid:[4026532567]`; undefined when there is no such process. */
export function pidNamespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

/**
 * The process that a child and a chain of further launchers (nsenter, unshare) ended up starting.
 *
 * @param depth how many launchers there are, the child included
 * @throws when one of them has no child (any more)
 */
export function startedBy(child: ChildProcess, depth: number): number {
  let current = child.pid ?? 0;
  for (let i = 0; i < depth; i++) {
    const children = readFileSync(`/proc/${current}/task/${current}/children`, "utf8").trim().split(/\s+/);
    const first = Number(children[0]);
    if (!first) throw new Error(`Process ${current} has no child: what it was to start has ended already.`);
    current = first;
  }
  return current;
}

/** Resolves once `pid` is no longer in the namespace `pidNamespace` (a later process of the same number is another). */
export async function waitUntilGone(pid: number, pidNamespace: string): Promise<void> {
  while (pidNamespaceOf(pid) === pidNamespace) await sleep(5);
}

const LISTEN = "0A";

/** Whether anything listens on TCP `port` in the network namespace of `pid`. Looks in /proc: opens no connection. */
export function isListening(pid: number, port: number): boolean {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return ["tcp", "tcp6"].some((table) => {
    let rows: string[];
    try {
      rows = readFileSync(`/proc/${pid}/net/${table}`, "utf8").split("\n");
    } catch {
      return false;
    }
    return rows.some((row) => {
      const [, local, , state] = row.trim().split(/\s+/);
      return state === LISTEN && local?.endsWith(suffix);
    });
  });
}
