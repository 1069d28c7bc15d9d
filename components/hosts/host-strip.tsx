import { Archive, FileClock, FileDiff } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { Badge, Status } from "@/components/ui/badge";
import { classNames } from "@/components/ui/class-names";
import { CopyButton } from "@/components/ui/copy-button";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { HostView } from "@/lib/features/hosts/views";
import { conditionWords } from "./host-status";
import { hostAddress, shortVersion } from "./host-words";

/** The state of the host in its title: the same word as in the list, where a change or a drift replaces "Ready". */
export function HostBadge({ host }: { host: HostView }) {
  if (host.condition === "ready" && host.pendingChange)
    return (
      <Badge tone="busy" icon={FileDiff}>
        Change pending
      </Badge>
    );
  if (host.condition === "ready" && host.drifted)
    return (
      <Badge tone="warn" icon={FileClock}>
        Drifted
      </Badge>
    );
  const { tone, label, icon } = conditionWords[host.condition];
  return (
    <Badge tone={tone} icon={icon ?? (host.condition === "archived" ? Archive : undefined)}>
      {label}
    </Badge>
  );
}

function Reading({ name, wide, children }: { name: string; wide?: boolean; children: ReactNode }) {
  return (
    <div
      className={classNames("grid min-w-0 gap-0.5 bg-surface px-3 py-2", wide && "col-span-2 lg:col-span-1")}
    >
      <dt className="text-xs text-ink-faint">{name}</dt>
      <dd className="flex min-h-5 min-w-0 items-center text-sm">{children}</dd>
    </div>
  );
}

/** The host at a glance: five readings, like the dials of an instrument. */
export function HostStrip({ host }: { host: HostView }) {
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line sm:grid-cols-3 lg:grid-cols-[1.5fr_1fr_1fr_1fr_1.3fr]">
      <Reading name="Address" wide>
        <span className="truncate font-mono text-xs">{hostAddress(host)}</span>
        <CopyButton text={hostAddress(host)} label="Copy the address" className="-my-1 ml-1" />
      </Reading>
      <Reading name="Seen">
        {host.seenAt ? (
          <RelativeTime at={host.seenAt} className="truncate" />
        ) : (
          <span className="text-ink-faint">never</span>
        )}
      </Reading>
      <Reading name="OpenSSH">
        {host.sshdVersion ? (
          <UntrustedText text={shortVersion(host.sshdVersion)} className="truncate" />
        ) : (
          <span className="text-ink-faint">not known yet</span>
        )}
      </Reading>
      <Reading name="Agent">
        {host.agentVersion ? (
          host.agentOutdated ? (
            <Status tone="warn">
              <UntrustedText text={host.agentVersion} />, outdated
            </Status>
          ) : (
            <UntrustedText text={host.agentVersion} className="truncate" />
          )
        ) : (
          <span className="text-ink-faint">not installed yet</span>
        )}
      </Reading>
      <Reading name="Configuration">
        <Configuration host={host} />
      </Reading>
    </dl>
  );
}

function Configuration({ host }: { host: HostView }) {
  if (host.pendingChange)
    return (
      <Link prefetch={false} href={`/changes/${host.pendingChange.id}`} className="min-w-0 hover:underline">
        <Status tone="busy" icon={FileDiff}>
          Change pending
        </Status>
      </Link>
    );
  if (host.drifted)
    return (
      <Link prefetch={false} href={`/hosts/${host.id}/history`} className="min-w-0 hover:underline">
        <Status tone="warn" icon={FileClock}>
          Changed outside Gatehouse
        </Status>
      </Link>
    );
  if (host.facts && host.condition !== "ready")
    return <span className="text-ink-faint">not checked now</span>;
  return host.facts ? (
    <Status tone="ok">As last seen</Status>
  ) : (
    <span className="text-ink-faint">not read yet</span>
  );
}
