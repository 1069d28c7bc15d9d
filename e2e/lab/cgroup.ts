import { existsSync, readdirSync, rmdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Where cgroup v2 is mounted: alone, or beside v1 as `unified`. */
const HIERARCHIES = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];

function hierarchy(): string {
  const found = HIERARCHIES.find((directory) => existsSync(path.join(directory, "cgroup.controllers")));
  if (!found) throw new Error("A host with systemd needs cgroup v2, which is not mounted on this machine.");
  return found;
}

function labCgroup(lab: string): string {
  return path.join(hierarchy(), `gatehouse-lab-${lab}`);
}

/**
 * Where one boot of a host with systemd will live. host-boot.sh makes the directory.
 *
 * @throws when the machine has no cgroup v2
 */
export function newCgroupPath(lab: string, boot: string): string {
  return path.join(labCgroup(lab), boot);
}

/** Removes all cgroups that a lab has left, if any. */
export async function removeLabCgroup(lab: string): Promise<void> {
  if (HIERARCHIES.some((directory) => existsSync(path.join(directory, `gatehouse-lab-${lab}`)))) {
    await removeCgroup(labCgroup(lab));
  }
}

/**
 * Removes a cgroup and those below it. Its processes must be dying: the kernel takes a moment to let go of them.
 *
 * @throws when it is still in use after two seconds
 */
export async function removeCgroup(directory: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      removeEmpty(directory);
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await sleep(20);
    }
  }
}

function removeEmpty(directory: string): void {
  if (!existsSync(directory)) return;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmpty(path.join(directory, entry.name));
  }
  rmdirSync(directory);
}
