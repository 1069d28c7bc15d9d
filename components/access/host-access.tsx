import { Download, KeyRound, SearchX } from "lucide-react";
import { ButtonLink, DownloadLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { HostAccessView } from "@/lib/features/access/views";
import { AccessAccount } from "./access-account";
import { AccessFilters, type AccessFilterValues } from "./access-filters";
import { AccessNotices } from "./access-notices";
import { count } from "./access-words";
import { ReadAccess } from "./read-access";

interface Props {
  view: HostAccessView;
  filter: AccessFilterValues;
}

/** Accounts drawn at once: with more, a page takes longer to draw than to narrow. */
const mostAccounts = 100;

/** Who can log in on a host, from where, by what, and because of which lines. */
export function HostAccess({ view, filter }: Props) {
  const { hostId, obstacle, readAt, accounts, shown, total } = view;
  if (!readAt)
    return (
      <div className="grid grid-cols-1 gap-3">
        <AccessNotices view={view} />
        <EmptyState
          icon={KeyRound}
          title="Not read yet"
          actions={<ReadAccess hostId={hostId} label="Read who can log in" obstacle={obstacle} />}
        >
          Who can log in is judged from the host's accounts, keys and configuration. Reading changes nothing
          there.
        </EmptyState>
      </div>
    );
  const drawn = accounts.slice(0, mostAccounts);
  return (
    <div className="grid grid-cols-1 gap-3">
      <AccessNotices view={view} />
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="text-xs text-ink-faint">
          Read <RelativeTime at={readAt} />
          {view.changedAt && view.changedAt !== readAt && (
            <>
              , last different <RelativeTime at={view.changedAt} />
            </>
          )}
        </p>
        <div className="flex flex-wrap items-start gap-2">
          {(["csv", "json"] as const).map((format) => (
            <DownloadLink key={format} size="sm" href={exportAddress(hostId, filter, format)}>
              <Download aria-hidden /> {format.toUpperCase()}
            </DownloadLink>
          ))}
          <ReadAccess hostId={hostId} label="Read again" obstacle={obstacle} />
        </div>
      </div>
      <AccessFilters filter={filter} methods={view.methods} />
      <p className="text-xs text-ink-faint" role="status">
        {shown === total
          ? count(total, "way in", "ways in")
          : `${shown} of ${count(total, "way in", "ways in")}`}
        , to {count(accounts.length, "account", "accounts")}
        {accounts.length > drawn.length && `; the first ${drawn.length} are shown, narrow them down`}
      </p>
      {drawn.map((account) => (
        <AccessAccount key={account.name} account={account} />
      ))}
      {total > 0 && shown === 0 && (
        <EmptyState
          icon={SearchX}
          title="Nothing fits"
          actions={<ButtonLink href={`/hosts/${hostId}/access`}>Clear all filters</ButtonLink>}
        >
          No way in has all that you asked for.
        </EmptyState>
      )}
      {view.withoutWay.length > 0 && (
        <details className="rounded-lg border border-line bg-surface px-4 py-2 text-sm">
          <summary className="cursor-pointer text-ink-soft">
            {count(view.withoutWay.length, "account has", "accounts have")} no way in
          </summary>
          <p className="break-words pt-2 font-mono text-xs text-ink-soft">
            <UntrustedText text={view.withoutWay.join(", ")} />
          </p>
        </details>
      )}
    </div>
  );
}

function exportAddress(hostId: string, filter: AccessFilterValues, format: string): string {
  const query = new URLSearchParams({ hostId, format });
  for (const [name, value] of Object.entries(filter)) if (value !== "") query.set(name, value);
  return `/api/v1/access/export?${query}`;
}
