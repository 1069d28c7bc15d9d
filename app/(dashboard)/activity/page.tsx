import { ChevronLeft, ChevronRight, ScrollText } from "lucide-react";
import type { Metadata } from "next";
import { ActivityFilters } from "@/components/activity/activity-filters";
import { ActivityTable } from "@/components/activity/activity-table";
import { ExportActivity } from "@/components/activity/export-activity";
import { Witnesses } from "@/components/activity/witnesses";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Page } from "@/components/ui/page";
import { listActivity } from "@/lib/features/activity/queries";
import { ActivityListInput } from "@/lib/features/activity/schema";
import { getViewer } from "@/lib/features/people/queries";
import { load } from "@/lib/http/load";
import { type SearchParams, searchInput } from "@/lib/http/search-input";

export const metadata: Metadata = { title: "Activity" };

export default async function ActivityPage({ searchParams }: { searchParams: SearchParams }) {
  const filter = await searchInput(ActivityListInput, searchParams);
  const [list, viewer] = await Promise.all([load(listActivity, filter), load(getViewer, {})]);
  const { before, limit, ...narrowing } = filter;
  const filtered = Object.values(narrowing).some((value) => value !== undefined && value !== "");
  const address = (from?: string) => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(narrowing)) if (value) query.set(name, value);
    if (from) query.set("before", from);
    return query.size > 0 ? `/activity?${query}` : "/activity";
  };
  return (
    <Page
      title="Activity"
      lead="Every act and every refusal. Rows are chained by hashes: an edited, deleted or inserted one shows."
      actions={viewer.permissions.includes("activity:export") && <ExportActivity />}
    >
      <Witnesses witnesses={list.witnesses} />
      <ActivityFilters
        q={filter.q}
        action={filter.action}
        outcome={filter.outcome}
        actions={list.actions}
        filtered={filtered}
      />
      {list.rows.length > 0 ? (
        <div>
          <p className="pb-1.5 text-xs text-ink-faint" role="status">
            {list.total} {list.total === 1 ? "row" : "rows"}
          </p>
          <ActivityTable rows={list.rows} />
          {(before || list.nextBefore) && (
            <nav aria-label="Pages" className="flex justify-end gap-2 py-3">
              {before && (
                <ButtonLink size="sm" href={address()}>
                  <ChevronLeft aria-hidden /> Newest
                </ButtonLink>
              )}
              {list.nextBefore && (
                <ButtonLink size="sm" href={address(list.nextBefore)} rel="next">
                  Older <ChevronRight aria-hidden />
                </ButtonLink>
              )}
            </nav>
          )}
        </div>
      ) : (
        <EmptyState
          icon={ScrollText}
          title="Nothing fits"
          actions={<ButtonLink href="/activity">Clear all filters</ButtonLink>}
        >
          No row of the activity has all that you asked for.
        </EmptyState>
      )}
    </Page>
  );
}
