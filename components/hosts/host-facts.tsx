import { Status } from "@/components/ui/badge";
import { CopyButton } from "@/components/ui/copy-button";
import { Fact, Facts } from "@/components/ui/facts";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { HostFactsView } from "@/lib/features/hosts/views";
import { fullVersion } from "./host-words";

const inits = { systemd: "systemd", sysv: "System V init", none: "none, as in a container" };
const units = {
  service: "ssh.service",
  socket: "ssh.socket: systemd listens, sshd starts a connection",
  none: "no unit: sshd by itself",
};
/** Beyond this codes of authenticator apps begin to fail on the host. */
const clockToleranceSeconds = 30;

function Clock({ offsetSeconds }: { offsetSeconds: number }) {
  const off = Math.abs(Math.round(offsetSeconds));
  if (off <= clockToleranceSeconds) return <Status tone="ok">agrees with ours</Status>;
  return (
    <Status tone="warn">
      {off} s {offsetSeconds > 0 ? "ahead of" : "behind"} ours: one-time codes will fail
    </Status>
  );
}

/** What the host says about itself. All of it untrusted. */
export function HostFacts({ facts }: { facts: HostFactsView }) {
  return (
    <Facts>
      <Fact name="System">
        <UntrustedText text={facts.os} />
        <span className="text-ink-faint">
          {" · "}
          <UntrustedText text={facts.kernel} /> · <UntrustedText text={facts.architecture} />
        </span>
      </Fact>
      <Fact name="Calls itself">
        <UntrustedText text={facts.hostname} />
      </Fact>
      <Fact name="OpenSSH">
        <UntrustedText text={fullVersion(facts.sshdVersion)} />
      </Fact>
      <Fact name="Listens on">
        <span className="font-mono text-xs">
          {facts.listen.length > 0 ? <UntrustedText text={facts.listen.join("  ")} /> : "nothing found"}
        </span>
      </Fact>
      <Fact name="Started by">
        {units[facts.sshdUnit]} <span className="text-ink-faint">(init: {inits[facts.init]})</span>
      </Fact>
      <Fact name="Clock">
        <Clock offsetSeconds={facts.clockOffsetSeconds} />
      </Fact>
      <Fact name="First sshd_config">
        {facts.originalKept ? (
          <Status tone="ok">kept on the host, read-only</Status>
        ) : (
          <Status tone="warn">not kept</Status>
        )}
      </Fact>
      <Fact name="Agent">
        <UntrustedText text={facts.agentVersion} />
        <span className="flex items-start gap-1 font-mono text-xs text-ink-faint">
          <span className="break-all">
            SHA-256 <UntrustedText text={facts.agentSha256} />
          </span>
          <CopyButton text={facts.agentSha256} label="Copy the agent's SHA-256" className="-my-1" />
        </span>
      </Fact>
      <Fact name="Read">
        <RelativeTime at={facts.readAt} />
      </Fact>
    </Facts>
  );
}
