import { GitCompareArrows } from "lucide-react";
import { ChangeFilters } from "@/components/changes/change-filters";
import { ChangeTable } from "@/components/changes/change-table";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Live } from "@/components/ui/live";
import { Page } from "@/components/ui/page";
import { Pagination } from "@/components/ui/pagination";
import { listChanges } from "@/lib/features/changes/queries";
import { load } from "@/lib/http/load";

export const metadata = { title: "Changes" };

type SearchParams = Promise<Record<string, string | string[] | undefined>>;

export default async function ChangesPage({ searchParams }: { searchParams: SearchParams }) {
  const filter: Record<string, string> = {};
  for (const [name, value] of Object.entries(await searchParams)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first) filter[name] = first;
  }
  const list = await load(listChanges, filter);
  const filtered = Boolean(filter.q || filter.state || filter.hostId);
  return (
    <Page
      title="Changes"
      lead="Every change to a host's configuration: what was planned, proved, kept or undone, and by whom."
      actions={<ButtonLink href="/changes/batches">Batches of keys</ButtonLink>}
    >
      <Live topics={["hosts"]} />
      <ChangeFilters filter={filter} pending={list.pending} />
      {list.rows.length > 0 ? (
        <>
          <ChangeTable rows={list.rows} />
          <Pagination
            page={list.page}
            perPage={list.perPage}
            total={list.total}
            noun="changes"
            hrefOf={(page) => `/changes?${new URLSearchParams({ ...filter, page: String(page) })}`}
          />
        </>
      ) : filtered ? (
        <EmptyState
          icon={GitCompareArrows}
          title="No change matches"
          actions={<ButtonLink href="/changes">Clear all filters</ButtonLink>}
        >
          Try another word, or show all of them.
        </EmptyState>
      ) : (
        <EmptyState
          icon={GitCompareArrows}
          title="No changes yet"
          actions={
            <ButtonLink href="/hosts" variant="primary">
              Choose a host
            </ButtonLink>
          }
        >
          Open a host's configuration, edit it, and review the change. Nothing is written before you say so.
        </EmptyState>
      )}
    </Page>
  );
}
