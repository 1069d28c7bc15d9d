import { expect, test } from "vitest";
import { buildById } from "@/lib/sshd-config/build";
import { workOut } from "./analyst-work";
import { hostKnowledgeOf } from "./host-knowledge";

const files = [{ path: "/etc/ssh/sshd_config", text: "Port 2222\n" }];

function findWith(sshdUnit: "service" | "socket" | "none" | null, buildId: string): string[] {
  const build = buildById(buildId)!;
  const { diagnostics } = workOut("findings", { files, build, host: hostKnowledgeOf({ sshdUnit }) });
  return diagnostics.filter(({ code }) => code === "no-port-of-socket").map(({ what }) => what);
}

test("where systemd's socket listens, a port in the file is said to have no effect", () => {
  expect(findWith("socket", "deb12-9.2p1")).toEqual([
    "Port has no effect: systemd's ssh.socket listens on this host.",
  ]);
});

test("where sshd itself listens, or nobody knows, nothing is said about a socket", () => {
  for (const unit of ["service", "none", null] as const) expect(findWith(unit, "deb12-9.2p1")).toEqual([]);
});

test("where a socket is the default, it is an if until the host has answered", () => {
  const ubuntu = "ubuntu24.04-9.6p1";
  expect(findWith(null, ubuntu)).toEqual([expect.stringMatching(/^If systemd's ssh\.socket listens/)]);
  expect(findWith("socket", ubuntu)).toEqual([
    "Port takes effect only when systemd reads it: ssh.socket listens on this host.",
  ]);
  expect(findWith("service", ubuntu)).toEqual([]);
});
