import type { Metadata } from "next";
import { AccessTabs } from "@/components/access/access-tabs";
import { FleetReadiness } from "@/components/readiness/fleet-readiness";
import { Page } from "@/components/ui/page";
import { listReadiness } from "@/lib/features/readiness/queries";
import { FleetReadinessInput } from "@/lib/features/readiness/schema";
import { load } from "@/lib/http/load";
import { type SearchParams, searchInput } from "@/lib/http/search-input";

export const metadata: Metadata = { title: "Second factor" };

export default async function FleetReadinessPage({ searchParams }: { searchParams: SearchParams }) {
  const filter = await searchInput(FleetReadinessInput, searchParams);
  return (
    <Page
      title="Access"
      lead="On which hosts everybody who logs in could show a second factor, by the last readings."
    >
      <AccessTabs />
      <FleetReadiness view={await load(listReadiness, filter)} filter={filter} />
    </Page>
  );
}
