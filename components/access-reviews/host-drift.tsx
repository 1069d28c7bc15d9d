import { History } from "lucide-react";
import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import { RelativeTime } from "@/components/ui/relative-time";
import type { HostDriftView } from "@/lib/features/access-reviews/views";
import { count } from "./review-words";

/** What is different on a host since its last review, in a line, with the way to the rest. */
export function HostDrift({ hostId, drift }: { hostId: string; drift: HostDriftView }) {
  const { review, appeared, changed, vanished, looser, untold, revokedOpen } = drift;
  const parts = [
    appeared > 0 && `${appeared} new`,
    changed > 0 && `${changed} changed`,
    vanished > 0 && `${vanished} gone`,
  ].filter((part) => part !== false);
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-ink-soft">
      <History aria-hidden className="size-3.5 text-ink-faint" />
      {review ? (
        <>
          <span>
            Since the review{" "}
            <Link prefetch={false} href={`/access/reviews/${review.id}?host=${hostId}`} className="link">
              {review.name}
            </Link>{" "}
            (<RelativeTime at={review.closedAt} />
            ):
          </span>
          {untold !== null ? (
            <span>nothing can be told now.</span>
          ) : parts.length === 0 ? (
            <span>nothing is different.</span>
          ) : (
            <Link prefetch={false} href={`/access/reviews/since?host=${hostId}`} className="link">
              {parts.join(", ")}
            </Link>
          )}
          {looser > 0 && <Badge tone="warn">{looser} easier to get in by</Badge>}
        </>
      ) : (
        <span>Its ways in were never reviewed.</span>
      )}
      {revokedOpen > 0 && (
        <Link prefetch={false} href="/access/reviews/to-do" className="link">
          {count(revokedOpen, "revoked way is", "revoked ways are")} not known to be gone
        </Link>
      )}
    </p>
  );
}
