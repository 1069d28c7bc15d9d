import { Archive, FileClock, FileDiff, KeyRound, PlugZap } from "lucide-react";
import Link from "next/link";
import { Status, type Tone } from "@/components/ui/badge";
import { visibleText } from "@/components/ui/visible-text";
import type { HostCondition, HostRow } from "@/lib/features/hosts/views";

interface Words {
  tone: Tone;
  label: string;
  icon?: typeof Archive;
}

export const conditionWords: Record<HostCondition, Words> = {
  ready: { tone: "ok", label: "Ready" },
  unreachable: { tone: "danger", label: "Unreachable", icon: PlugZap },
  key_changed: { tone: "danger", label: "Host key changed", icon: KeyRound },
  enrolling: { tone: "busy", label: "Enrolling" },
  archived: { tone: "neutral", label: "Archived", icon: Archive },
  unknown: { tone: "neutral", label: "Not checked yet" },
};

/** How a host is, in one word. */
export function HostStatus({ condition }: { condition: HostCondition }) {
  const { tone, label, icon } = conditionWords[condition];
  return (
    <Status tone={tone} {...(icon && { icon })}>
      {label}
    </Status>
  );
}

/**
 * What matters most about a host now, in one line: a row of a list has room for one. A change under way or a drift
 * takes the place of "Ready"; beside anything worse the drift is a sign of its own.
 */
export function HostState({ host }: { host: HostRow }) {
  if (host.condition === "ready" && host.pendingChange)
    return (
      <Link href={`/changes/${host.pendingChange.id}`} prefetch={false} className="hover:underline">
        <Status tone="busy" icon={FileDiff}>
          Change pending
        </Status>
      </Link>
    );
  if (host.condition === "ready" && host.drifted)
    return (
      <Status tone="warn" icon={FileClock}>
        Drifted
      </Status>
    );
  return (
    <span
      className="flex min-w-0 items-center gap-2"
      title={host.unreachableReason ? visibleText(host.unreachableReason) : undefined}
    >
      <HostStatus condition={host.condition} />
      {host.drifted && (
        <span title="Drifted: changed outside Gatehouse" className="text-warn">
          <FileClock aria-hidden className="size-3.5" />
          <span className="sr-only">Drifted</span>
        </span>
      )}
    </span>
  );
}
