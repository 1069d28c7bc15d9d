import { z } from "zod";
import type { Hello } from "@/lib/agent/answers";
import type { HostFactsView } from "@/lib/features/hosts/views";
import { spellVersion } from "@/lib/sshd-config/build";

/** The column Host.facts: what a host said of itself, without what has columns of its own. Untrusted text. */
export const HostFacts = z.object({
  bootId: z.string(),
  uptimeSeconds: z.number(),
  osId: z.string(),
  osVersion: z.string(),
  osName: z.string(),
  kernel: z.string(),
  architecture: z.string(),
  hostname: z.string(),
  init: z.enum(["systemd", "sysv", "none"]),
  sshdUnit: z.enum(["service", "socket", "none"]),
  sshdVersion: z.string(),
  sshdPackage: z.string(),
  sshPackage: z.string(),
  listen: z.array(z.string()),
  /** The host's clock minus ours. */
  clockOffsetSeconds: z.number(),
  originalKept: z.boolean(),
});
export type HostFacts = z.output<typeof HostFacts>;

/** @param nowSeconds our clock when the answer came, Unix time */
export function factsOf(hello: Hello, nowSeconds: number): HostFacts {
  return {
    bootId: hello.bootId,
    uptimeSeconds: hello.uptimeSeconds,
    osId: hello.osId,
    osVersion: hello.osVersion,
    osName: hello.osName,
    kernel: hello.kernel,
    architecture: hello.architecture,
    hostname: hello.hostname,
    init: hello.init,
    sshdUnit: hello.sshdUnit,
    sshdVersion: spellVersion(hello.sshdVersion, hello.sshdPackage),
    sshdPackage: hello.sshdPackage,
    sshPackage: hello.sshPackage,
    listen: hello.listen,
    clockOffsetSeconds: Math.round(hello.clockSeconds - nowSeconds),
    originalKept: hello.originalKept,
  };
}

/** The facts as pages show them; null before the first answer. */
export function factsView(host: {
  facts: unknown;
  factsAt: Date | null;
  agentVersion: string | null;
  agentSha256: string | null;
}): HostFactsView | null {
  const parsed = HostFacts.safeParse(host.facts);
  if (!parsed.success || !host.factsAt) return null;
  const facts = parsed.data;
  return {
    os: [facts.osName, facts.osVersion].filter(Boolean).join(" "),
    kernel: facts.kernel,
    architecture: facts.architecture,
    hostname: facts.hostname,
    init: facts.init,
    sshdUnit: facts.sshdUnit,
    sshdVersion: facts.sshdVersion,
    sshdPackage: facts.sshdPackage,
    sshPackage: facts.sshPackage,
    listen: facts.listen,
    clockOffsetSeconds: facts.clockOffsetSeconds,
    agentVersion: host.agentVersion ?? "",
    agentSha256: host.agentSha256 ?? "",
    originalKept: facts.originalKept,
    readAt: host.factsAt.toISOString(),
  };
}
