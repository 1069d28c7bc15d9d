import { ChevronRight, ClipboardCheck } from "lucide-react";
import Link from "next/link";
import { classNames } from "@/components/ui/class-names";
import { RelativeTime } from "@/components/ui/relative-time";
import type { MyReview } from "@/lib/features/access-reviews/views";
import { count } from "./review-words";

/** What waits for the viewer as a reviewer, the most urgent first. Nothing when nothing does. */
export function MyReviews({ reviews }: { reviews: readonly MyReview[] }) {
  return (
    <ul className="overflow-hidden rounded-lg border border-line bg-surface">
      {reviews.map(({ id, name, undecided, mine, dueAt, isOverdue }) => (
        <li key={id} className="border-b border-line last:border-b-0">
          <Link
            prefetch={false}
            href={`/access/reviews/${id}?state=undecided&mine=yes`}
            className="flex min-h-11 items-center gap-3 px-4 py-2 text-sm transition-colors hover:bg-hover"
          >
            <ClipboardCheck
              aria-hidden
              className={classNames("size-4 shrink-0", isOverdue ? "text-danger" : "text-accent")}
            />
            <span className="grid min-w-0 flex-1 gap-x-3 sm:flex sm:items-baseline">
              <span className="min-w-0 truncate font-medium">{name}</span>
              <span className="min-w-0 flex-1 text-ink-soft">
                {count(undecided, "way", "ways")} of {mine.toLocaleString("en")} to confirm or revoke
              </span>
              <span
                className={classNames(
                  "whitespace-nowrap text-xs",
                  isOverdue ? "font-medium text-danger" : "text-ink-faint",
                )}
              >
                {isOverdue ? "overdue, was due " : "due "}
                <RelativeTime at={dueAt} />
              </span>
            </span>
            <ChevronRight aria-hidden className="size-4 shrink-0 text-ink-faint" />
          </Link>
        </li>
      ))}
    </ul>
  );
}
