import type { Metadata } from "next";
import { AccessTabs } from "@/components/access/access-tabs";
import { ExportWays } from "@/components/access/export-ways";
import { FleetAccess } from "@/components/access/fleet-access";
import { fleetAddress, fleetLists } from "@/components/access/fleet-address";
import { PathDrawer } from "@/components/access/path-drawer";
import { Page } from "@/components/ui/page";
import { findAccessPath, listFleetAccess } from "@/lib/features/access/fleet-queries";
import { FleetAccessInput, readWay } from "@/lib/features/access/schema";
import { load } from "@/lib/http/load";
import { type SearchParams, searchInput } from "@/lib/http/search-input";

export const metadata: Metadata = { title: "Access" };

export default async function AccessPage({ searchParams }: { searchParams: SearchParams }) {
  const filter = await searchInput(FleetAccessInput, searchParams, fleetLists);
  const way = readWay((await searchParams).way);
  const [view, detail] = await Promise.all([
    load(listFleetAccess, filter),
    way ? load(findAccessPath, way) : undefined,
  ]);
  return (
    <Page
      title="Access"
      lead="Who can log in where, from which addresses and by what, judged from each host's own state."
      actions={view.all > 0 && <ExportWays filter={filter} />}
    >
      <AccessTabs />
      <FleetAccess view={view} filter={filter} />
      {way && detail !== undefined && (
        <PathDrawer
          wayId={`${way.hostId} ${way.id}`}
          detail={detail}
          closeHref={fleetAddress(filter, { page: filter.page })}
        />
      )}
    </Page>
  );
}
