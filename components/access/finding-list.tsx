import Link from "next/link";
import { Status, type Tone } from "@/components/ui/badge";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { FindingRow } from "@/lib/features/access/views";
import { findingTitle } from "./finding-words";
import { SourceLink } from "./source-link";

export const severityTone: Readonly<Record<FindingRow["severity"], Tone>> = {
  high: "danger",
  medium: "warn",
  low: "neutral",
};

export const severityWords: Readonly<Record<FindingRow["severity"], string>> = {
  high: "High",
  medium: "Medium",
  low: "Low",
};

interface Props {
  rows: readonly FindingRow[];
  /** On the page of one host its name says nothing. */
  withHost: boolean;
}

/** Findings: what is so, why it matters, what to do, and the line. */
export function FindingList({ rows, withHost }: Props) {
  return (
    <ul className="min-w-0 overflow-hidden rounded-lg border border-line bg-surface">
      {rows.map((row) => (
        <li
          key={`${row.hostId} ${row.id}`}
          className="grid grid-cols-1 gap-1 border-b border-line px-4 py-3 text-sm last:border-b-0"
        >
          <div className="flex flex-wrap items-center gap-x-3 gap-y-0.5 text-xs">
            <Status tone={severityTone[row.severity]}>
              {severityWords[row.severity]}: {findingTitle(row.code)}
            </Status>
            {withHost && (
              <Link
                href={`/hosts/${row.hostId}/access`}
                prefetch={false}
                className="min-w-0 break-all font-medium hover:underline"
              >
                {row.hostName}
              </Link>
            )}
            <span className="ml-auto whitespace-nowrap text-ink-faint">
              since <RelativeTime at={row.firstSeenAt} />
            </span>
          </div>
          <p className="min-w-0 break-words">
            <UntrustedText text={row.what} />
          </p>
          <p className="min-w-0 break-words text-xs text-ink-soft">
            <UntrustedText text={row.why} />
          </p>
          <div className="flex min-w-0 flex-wrap items-baseline gap-x-3 gap-y-0.5 text-xs">
            <span className="min-w-0 break-words">
              <span className="text-ink-faint">To do: </span>
              <UntrustedText text={row.advice} />
            </span>
            {row.source && (
              <SourceLink
                hostId={row.hostId}
                source={row.source}
                editable={row.isEditable ? [row.source.replace(/:\d+$/, "")] : []}
              />
            )}
            {row.fingerprint !== null && row.account !== null && (
              <Link href={`/hosts/${row.hostId}/accounts`} prefetch={false} className="link">
                Accounts &amp; keys of this host
              </Link>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}
