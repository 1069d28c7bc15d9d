import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { withLog } from "./log-file";
import { GATEWAY, insideLab } from "./namespace";
import type { Boot, HostRecord } from "./record";

const NAMESPACES = ["--mount", "--pid", "--uts", "--ipc", "--net", "--time"];

/**
 * Powers a host on: starts its pid 1 (host-boot.sh) in new namespaces. It says "up" on descriptor 3.
 *
 * @param disk a directory of the lab's mount namespace
 */
export function launchHost(
  labPid: number,
  host: HostRecord,
  boot: Pick<Boot, "id" | "cgroup">,
  disk: string,
  logFile: string,
): ChildProcess {
  const script = path.join(import.meta.dirname, "host-boot.sh");
  const unshare = [
    "unshare",
    ...NAMESPACES,
    ...clockFromZero(),
    "--fork",
    "--kill-child",
    "--",
    "sh",
    script,
  ];
  return withLog(logFile, (log) =>
    spawn("nsenter", [...insideLab(labPid), ...unshare], {
      stdio: ["ignore", log, log, "pipe"],
      // A session of its own: Ctrl-C in the developer's terminal is for the one who opened the lab.
      detached: true,
      env: {
        PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
        NODE_ENV: "test",
        LAB_GATEWAY: GATEWAY,
        HOST_NAME: host.name,
        HOST_ADDRESS: host.address,
        // A new name for each boot: the kernel may still be taking down the cable of the one before.
        HOST_LINK: `h${host.index}b${host.bootCount}`,
        HOST_DISK: disk,
        HOST_LAYERS: host.layers,
        HOST_INIT: host.init,
        HOST_FIRST_BOOT: host.bootCount === 1 ? "1" : "0",
        HOST_BOOT_ID: boot.id,
        HOST_CGROUP: boot.cgroup ?? "",
      },
    }),
  );
}

/** Arguments for `unshare`: in the host, uptime begins at 0 at each boot, as on hardware. */
function clockFromZero(): string[] {
  const uptimeSeconds = Math.floor(Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]));
  return [`--boottime=-${uptimeSeconds}`, `--monotonic=-${uptimeSeconds}`];
}

/** Without systemd, pid 1 runs the init scripts and then becomes `sleep` (host-boot.sh). */
export function initScriptsAreDone(pid: number): boolean {
  return readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "sleep";
}

/** @param state what `systemctl is-system-running` says; "degraded" is up too, with a unit that failed */
export function systemdIsUp(state: string): boolean {
  return ["running", "degraded"].includes(state.trim());
}
