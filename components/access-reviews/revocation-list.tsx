import Link from "next/link";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { methodWords } from "@/lib/access/method-words";
import type { RevocationRow } from "@/lib/features/access-reviews/views";
import { Fix, RevocationStatus } from "./revocation-status";

/** Revoked ways as things to do: what was wanted, what is observed, and the line that ends it. */
export function RevocationList({ rows }: { rows: readonly RevocationRow[] }) {
  return (
    <ul className="rounded-lg border border-line bg-surface">
      {rows.map((row) => (
        <li
          key={`${row.reviewId} ${row.number}`}
          className="grid gap-1.5 border-b border-line px-4 py-3 last:border-b-0"
        >
          <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1">
            <div className="grid min-w-0 gap-0.5">
              <p className="flex flex-wrap items-center gap-x-2 text-sm">
                <UntrustedText text={row.account} className="break-all font-mono font-semibold" />
                <span className="text-ink-soft">on</span>
                <Link
                  prefetch={false}
                  href={`/hosts/${row.hostId}/access`}
                  className="font-medium hover:underline"
                >
                  {row.hostName}
                </Link>
                <span className="text-ink-soft">by {methodWords(row.methods)}</span>
              </p>
              <p className="min-w-0 break-words text-xs text-ink-soft">
                {row.personName ? (
                  <UntrustedText text={row.personName} />
                ) : (
                  row.comment && <UntrustedText text={row.comment} />
                )}
                {(row.personName || row.comment) && " · "}from <UntrustedText text={row.from.join(", ")} />
              </p>
            </div>
            {row.revocation && <RevocationStatus revocation={row.revocation} />}
          </div>
          {row.fix && <Fix fix={row.fix} host={row.hostName} />}
          <p className="text-xs text-ink-faint">
            “{row.reason}” {row.decidedByName}, <RelativeTime at={row.revokedAt} />, in{" "}
            <Link prefetch={false} href={`/access/reviews/${row.reviewId}?state=revoke`} className="link">
              {row.reviewName}
            </Link>
          </p>
        </li>
      ))}
    </ul>
  );
}
