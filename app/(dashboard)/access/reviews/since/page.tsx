import { History } from "lucide-react";
import type { Metadata } from "next";
import { AccessTabs } from "@/components/access/access-tabs";
import { DriftFilters, driftAddress } from "@/components/access-reviews/drift-filters";
import { DriftList } from "@/components/access-reviews/drift-list";
import { ReviewNav } from "@/components/access-reviews/review-nav";
import { count } from "@/components/access-reviews/review-words";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Live } from "@/components/ui/live";
import { Notice } from "@/components/ui/notice";
import { Page } from "@/components/ui/page";
import { Pagination } from "@/components/ui/pagination";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { getDrift } from "@/lib/features/access-reviews/drift-queries";
import { listReviews } from "@/lib/features/access-reviews/queries";
import { DriftFilter } from "@/lib/features/access-reviews/schema";
import { load } from "@/lib/http/load";
import { type SearchParams, searchInput } from "@/lib/http/search-input";

export const metadata: Metadata = { title: "Since the last review" };

/** Hosts named in a notice; more are counted. */
const mostNamed = 5;

export default async function DriftPage({ searchParams }: { searchParams: SearchParams }) {
  const filter = await searchInput(DriftFilter, searchParams);
  const [drift, { revokedOpen }] = await Promise.all([load(getDrift, filter), load(listReviews, {})]);
  const { rows, total, reviewedHosts, neverReviewed, untold, isCut } = drift;
  const filtered = filter.q !== "" || filter.kind !== "" || filter.host !== "";
  return (
    <Page
      title="Since the last review"
      lead="Ways in that are new, gone or different since each host's last closed review."
    >
      <Live topics={["reviews", "hosts"]} />
      <AccessTabs />
      <ReviewNav open={revokedOpen} />
      {untold.length > 0 && (
        <Notice tone="warn" title={`Nothing can be told of ${count(untold.length, "host", "hosts")} now`}>
          <ul className="list-disc pl-4">
            {untold.slice(0, mostNamed).map(({ hostId, hostName, reason }) => (
              <li key={hostId}>
                {hostName}: <UntrustedText text={reason} />
              </li>
            ))}
            {untold.length > mostNamed && <li>and {untold.length - mostNamed} more</li>}
          </ul>
        </Notice>
      )}
      {reviewedHosts > 0 && <DriftFilters filter={filter} counts={drift.counts} />}
      {reviewedHosts > 0 && (
        <p className="text-xs text-ink-faint" role="status">
          {count(total, "difference", "differences")} on{" "}
          {count(reviewedHosts, "reviewed host", "reviewed hosts")}
          {neverReviewed > 0 && `; ${count(neverReviewed, "host was", "hosts were")} never reviewed`}
          {isCut && "; there are more than are counted here: time for another review"}
        </p>
      )}
      {rows.length > 0 ? (
        <div>
          <DriftList rows={rows} />
          <Pagination
            page={drift.page}
            perPage={drift.perPage}
            total={total}
            noun="differences"
            hrefOf={(page) => driftAddress(filter, { page })}
          />
        </div>
      ) : reviewedHosts === 0 ? (
        <EmptyState
          icon={History}
          title="No closed review yet"
          actions={<ButtonLink href="/access/reviews">To the campaigns</ButtonLink>}
        >
          Once a review is closed, everything that differs from it is told here.
        </EmptyState>
      ) : (
        <EmptyState
          icon={History}
          title={filtered ? "Nothing fits" : "Nothing is different"}
          actions={filtered && <ButtonLink href="/access/reviews/since">Clear all filters</ButtonLink>}
        >
          {filtered
            ? "No difference has all that you asked for."
            : "Every reviewed host has the ways in that were reviewed, by its last reading."}
        </EmptyState>
      )}
    </Page>
  );
}
