import { SearchX } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { CloseReview } from "@/components/access-reviews/close-review";
import { DecideFitting } from "@/components/access-reviews/decide-fitting";
import { ExportEvidence } from "@/components/access-reviews/export-evidence";
import { ReviewFilters } from "@/components/access-reviews/review-filters";
import { ReviewHead } from "@/components/access-reviews/review-head";
import { ReviewItems } from "@/components/access-reviews/review-items";
import { count } from "@/components/access-reviews/review-words";
import { SetReviewers } from "@/components/access-reviews/set-reviewers";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Live } from "@/components/ui/live";
import { Page } from "@/components/ui/page";
import { Pagination } from "@/components/ui/pagination";
import { getReview, listReviewChoices } from "@/lib/features/access-reviews/queries";
import { ReviewFilter } from "@/lib/features/access-reviews/schema";
import { getViewer } from "@/lib/features/people/queries";
import { load } from "@/lib/http/load";
import { type SearchParams, searchInput } from "@/lib/http/search-input";

interface Props {
  params: Promise<{ reviewId: string }>;
  searchParams: SearchParams;
}

export const metadata: Metadata = { title: "Review of access" };

export default async function ReviewPage({ params, searchParams }: Props) {
  const { reviewId } = await params;
  const filter = await searchInput(ReviewFilter, searchParams);
  const [review, { permissions }] = await Promise.all([
    load(getReview, { reviewId, ...filter }),
    load(getViewer, {}),
  ]);
  const mayManage = permissions.includes("review:manage") && review.closedAt === null;
  const choices = mayManage ? await load(listReviewChoices, {}) : undefined;
  const isReviewer = review.mine > 0 || review.rows.some((row) => row.isMine);
  const address = (page: number) => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...filter, page }))
      if (value !== "" && !(name === "group" && value === "host")) query.set(name, String(value));
    return `/access/reviews/${reviewId}?${query}`;
  };
  return (
    <Page
      above={
        <Link href="/access/reviews" className="w-fit text-xs text-ink-faint hover:text-ink">
          Reviews of access
        </Link>
      }
      title={review.name}
      actions={
        <>
          {permissions.includes("review:export") && <ExportEvidence reviewId={reviewId} />}
          {choices && <SetReviewers reviewId={reviewId} hosts={review.hostRows} people={choices.people} />}
          {mayManage && <CloseReview reviewId={reviewId} undecided={review.counts.undecided} />}
        </>
      }
    >
      <Live topics={["reviews"]} />
      <ReviewHead review={review} />
      <ReviewFilters filter={filter} review={review} isReviewer={isReviewer} />
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="text-xs text-ink-faint" role="status">
          {review.fitting === review.counts.items
            ? count(review.fitting, "way in", "ways in")
            : `${review.fitting.toLocaleString("en")} of ${count(review.counts.items, "way in", "ways in")}`}
          {review.mine > 0 && `, ${review.mine.toLocaleString("en")} waiting for you`}
        </p>
        <DecideFitting reviewId={reviewId} filter={filter} fitting={review.fittingMine} />
      </div>
      {review.rows.length > 0 ? (
        <div>
          <ReviewItems reviewId={reviewId} rows={review.rows} group={filter.group} />
          <Pagination
            page={review.page}
            perPage={review.perPage}
            total={review.fitting}
            noun="ways"
            hrefOf={address}
          />
        </div>
      ) : (
        <EmptyState
          icon={SearchX}
          title="Nothing fits"
          actions={<ButtonLink href={`/access/reviews/${reviewId}`}>Clear all filters</ButtonLink>}
        >
          No way of this review has all that you asked for.
        </EmptyState>
      )}
    </Page>
  );
}
