import { Badge, Status } from "@/components/ui/badge";
import { RelativeTime } from "@/components/ui/relative-time";
import type { ReviewCounts, ReviewRow } from "@/lib/features/access-reviews/views";

/** How much of a campaign is decided: a bar, and the same in words. */
export function ReviewProgress({ counts }: { counts: ReviewCounts }) {
  const { items, undecided, confirmed, revoked } = counts;
  const width = (part: number) => `${items === 0 ? 0 : (part / items) * 100}%`;
  return (
    <span className="grid min-w-28 gap-1">
      <span aria-hidden className="flex h-1.5 overflow-hidden rounded-full bg-pressed">
        <span className="bg-ok" style={{ width: width(confirmed) }} />
        <span className="bg-danger" style={{ width: width(revoked) }} />
      </span>
      <span className="whitespace-nowrap text-xs text-ink-soft">
        {(items - undecided).toLocaleString("en")} of {items.toLocaleString("en")} decided
      </span>
    </span>
  );
}

/** Open, overdue or closed, and when. */
export function ReviewState({ review }: { review: Pick<ReviewRow, "closedAt" | "isOverdue" | "dueAt"> }) {
  const { closedAt, isOverdue, dueAt } = review;
  if (closedAt)
    return (
      <Status tone="ok">
        closed <RelativeTime at={closedAt} />
      </Status>
    );
  if (isOverdue)
    return (
      <span className="inline-grid justify-items-start gap-0.5">
        <Badge tone="danger">overdue</Badge>
        <span className="whitespace-nowrap text-xs text-ink-soft">
          was due <RelativeTime at={dueAt} />
        </span>
      </span>
    );
  return (
    <Status tone="busy">
      due <RelativeTime at={dueAt} />
    </Status>
  );
}
