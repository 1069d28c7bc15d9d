import { ChevronRight, CircleDashed, FileClock, KeyRound, type LucideIcon, PlugZap } from "lucide-react";
import Link from "next/link";
import { type Tone, toneText } from "@/components/ui/badge";
import { classNames } from "@/components/ui/class-names";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { HostListView, HostRow } from "@/lib/features/hosts/views";

type Kind = "key_changed" | "unreachable" | "drifted" | "enrolling";

interface Matter {
  tone: Tone;
  icon: LucideIcon;
  title: string;
  text: (host: HostRow) => string;
}

const matters: Record<Kind, Matter> = {
  key_changed: {
    tone: "danger",
    icon: KeyRound,
    title: "Host key changed",
    text: () => "Nothing is sent to it until somebody compares and pins the new key.",
  },
  unreachable: {
    tone: "danger",
    icon: PlugZap,
    title: "Unreachable",
    text: (host) => host.unreachableReason ?? "It does not answer.",
  },
  drifted: {
    tone: "warn",
    icon: FileClock,
    title: "Drifted",
    text: () => "Its sshd configuration was changed outside Gatehouse.",
  },
  enrolling: {
    tone: "info",
    icon: CircleDashed,
    title: "Enrolling",
    text: () => "Run the install command, or log in once.",
  },
};

/** Hosts named for each matter; the list has the rest. */
const rowsAtOnce = 4;

/** Worst first. */
export const attentionKinds = ["key_changed", "unreachable", "drifted", "enrolling"] as const;

/** Hosts that want a person, by what is the matter with them. */
export function Attention({ kind, list }: { kind: Kind; list: HostListView }) {
  const { tone, icon: Icon, title, text } = matters[kind];
  if (list.total === 0) return null;
  const shown = list.rows.slice(0, rowsAtOnce);
  const more = list.total - shown.length;
  return (
    <li className="grid gap-x-4 border-b border-line last:border-b-0 md:grid-cols-[14rem_minmax(0,1fr)]">
      <h3 className="flex items-center gap-2 px-4 pt-2.5 pb-1 text-sm font-medium md:items-start md:pb-2.5">
        <Icon aria-hidden className={classNames("size-4 shrink-0 md:mt-0.5", toneText[tone])} />
        {title}
        <span className="font-normal text-ink-faint">{list.total.toLocaleString("en")}</span>
      </h3>
      <ul className="min-w-0 divide-y divide-line md:border-l md:border-line">
        {shown.map((host) => (
          <li key={host.id}>
            <Link
              prefetch={false}
              href={`/hosts/${host.id}`}
              className="flex min-h-9 items-center gap-3 px-4 py-1.5 text-sm transition-colors hover:bg-hover"
            >
              <span className="max-w-[45%] shrink-0 truncate font-medium md:w-36">{host.name}</span>
              <span className="min-w-0 flex-1 truncate text-ink-soft">
                <UntrustedText text={text(host)} />
              </span>
              {host.seenAt && kind === "unreachable" && (
                <span className="hidden whitespace-nowrap text-xs text-ink-faint sm:inline">
                  last seen <RelativeTime at={host.seenAt} />
                </span>
              )}
              <ChevronRight aria-hidden className="size-4 shrink-0 text-ink-faint" />
            </Link>
          </li>
        ))}
        {more > 0 && (
          <li className="px-4 py-1.5 text-xs">
            <Link prefetch={false} href={`/hosts?state=${kind}`} className="link">
              {more.toLocaleString("en")} more
            </Link>
          </li>
        )}
      </ul>
    </li>
  );
}
