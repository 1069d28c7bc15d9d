import { Braces, FileSpreadsheet, Plus, Server } from "lucide-react";
import type { Metadata } from "next";
import { HostFilters } from "@/components/hosts/host-filters";
import { hostListAddress, isFiltered } from "@/components/hosts/host-list-address";
import { HostTable } from "@/components/hosts/host-table";
import { ButtonLink, DownloadLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Page } from "@/components/ui/page";
import { Pagination } from "@/components/ui/pagination";
import { listHosts } from "@/lib/features/hosts/queries";
import { HostListInput } from "@/lib/features/hosts/schema";
import { getViewer } from "@/lib/features/people/queries";
import { load } from "@/lib/http/load";
import { type SearchParams, searchInput } from "@/lib/http/search-input";

export const metadata: Metadata = { title: "Hosts" };

export default async function HostsPage({ searchParams }: { searchParams: SearchParams }) {
  const filter = await searchInput(HostListInput, searchParams, ["tag"]);
  const [list, viewer] = await Promise.all([load(listHosts, filter), load(getViewer, {})]);
  const mayAdd = viewer.permissions.includes("host:enrol");
  const addHost = mayAdd && (
    <ButtonLink variant="primary" href="/hosts/add">
      <Plus aria-hidden /> Add a host
    </ButtonLink>
  );
  const noneAtAll = list.all === 0 && list.counts.archived === 0;
  return (
    <Page
      title="Hosts"
      actions={
        !noneAtAll && (
          <>
            <DownloadLink href={hostListAddress(filter, {}, "/api/v1/hosts/export?format=csv")} download>
              <FileSpreadsheet aria-hidden /> CSV
            </DownloadLink>
            <DownloadLink href={hostListAddress(filter, {}, "/api/v1/hosts/export?format=json")} download>
              <Braces aria-hidden /> JSON
            </DownloadLink>
            {addHost}
          </>
        )
      }
    >
      {noneAtAll ? (
        <EmptyState icon={Server} title="No hosts yet" actions={addHost}>
          {mayAdd
            ? "Add the first server: by a command that you paste on it, by one login of yours, or import a list."
            : "An owner or admin adds the first server; then it appears here."}
        </EmptyState>
      ) : (
        <>
          <HostFilters list={list} filter={filter} />
          {list.rows.length > 0 ? (
            <div>
              <p className="pb-1.5 text-xs text-ink-faint" role="status">
                {list.total === list.all && !isFiltered(filter)
                  ? `${list.all} ${list.all === 1 ? "host" : "hosts"}`
                  : `${list.total} of ${list.all} hosts`}
              </p>
              <HostTable
                rows={list.rows}
                filter={filter}
                canWrite={viewer.permissions.includes("host:write")}
              />
              <Pagination
                page={list.page}
                perPage={list.perPage}
                total={list.total}
                noun="hosts"
                hrefOf={(page) => hostListAddress(filter, { page })}
              />
            </div>
          ) : (
            <EmptyState
              icon={Server}
              title="No host fits"
              actions={
                <ButtonLink href={hostListAddress(filter, { q: "", state: "", tag: [] })}>
                  Clear all filters
                </ButtonLink>
              }
            >
              {list.all} {list.all === 1 ? "host is" : "hosts are"} hidden by the filters.
            </EmptyState>
          )}
        </>
      )}
    </Page>
  );
}
