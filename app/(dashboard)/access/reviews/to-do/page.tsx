import { ListChecks } from "lucide-react";
import type { Metadata } from "next";
import { AccessTabs } from "@/components/access/access-tabs";
import { ReviewNav } from "@/components/access-reviews/review-nav";
import { RevocationList } from "@/components/access-reviews/revocation-list";
import { ButtonLink } from "@/components/ui/button";
import { Chip } from "@/components/ui/chip";
import { EmptyState } from "@/components/ui/empty-state";
import { ListSearch } from "@/components/ui/list-search";
import { Live } from "@/components/ui/live";
import { Page } from "@/components/ui/page";
import { Pagination } from "@/components/ui/pagination";
import { listRevocations } from "@/lib/features/access-reviews/queries";
import { RevocationFilter } from "@/lib/features/access-reviews/schema";
import { load } from "@/lib/http/load";
import { type SearchParams, searchInput } from "@/lib/http/search-input";

export const metadata: Metadata = { title: "Ways to remove" };

export default async function RevocationsPage({ searchParams }: { searchParams: SearchParams }) {
  const filter = await searchInput(RevocationFilter, searchParams);
  const list = await load(listRevocations, filter);
  const address = (change: Partial<RevocationFilter>) => {
    const next = { ...filter, page: 1, ...change };
    const query = new URLSearchParams();
    if (next.q !== "") query.set("q", next.q);
    if (next.state !== "open") query.set("state", next.state);
    if (next.page > 1) query.set("page", String(next.page));
    return query.size > 0 ? `/access/reviews/to-do?${query}` : "/access/reviews/to-do";
  };
  return (
    <Page
      title="Ways to remove"
      lead="Revoked in a review. Each stays here until a reading of its host shows that it is gone."
    >
      <Live topics={["reviews"]} />
      <AccessTabs />
      <ReviewNav open={list.open} />
      <div className="flex flex-wrap items-center gap-2">
        <ListSearch label="Filter by account, host, key or person" value={filter.q} className="sm:max-w-72" />
        <Chip
          active={filter.state === "gone"}
          count={list.gone}
          href={address({ state: filter.state === "gone" ? "open" : "gone" })}
        >
          Gone
        </Chip>
      </div>
      <p className="text-xs text-ink-faint" role="status">
        {list.total} {list.total === 1 ? "way" : "ways"}
        {filter.state === "gone" ? " gone" : " not known to be gone"}
      </p>
      {list.rows.length > 0 ? (
        <div>
          <RevocationList rows={list.rows} />
          <Pagination
            page={list.page}
            perPage={list.perPage}
            total={list.total}
            noun="ways"
            hrefOf={(page) => address({ page })}
          />
        </div>
      ) : (
        <EmptyState
          icon={ListChecks}
          title={filter.q === "" ? "Nothing to remove" : "Nothing fits"}
          actions={filter.q !== "" && <ButtonLink href="/access/reviews/to-do">Clear all filters</ButtonLink>}
        >
          {filter.q === ""
            ? "What a reviewer revokes stands here, with the line that ends it."
            : "No revoked way has all that you asked for."}
        </EmptyState>
      )}
    </Page>
  );
}
