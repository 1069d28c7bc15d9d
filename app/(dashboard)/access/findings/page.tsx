import type { Metadata } from "next";
import { AccessTabs } from "@/components/access/access-tabs";
import { FleetFindings } from "@/components/access/fleet-findings";
import { Page } from "@/components/ui/page";
import { listFindings } from "@/lib/features/access/finding-queries";
import { FindingListInput } from "@/lib/features/access/schema";
import { load } from "@/lib/http/load";
import { type SearchParams, searchInput } from "@/lib/http/search-input";

export const metadata: Metadata = { title: "Findings" };

export default async function FindingsPage({ searchParams }: { searchParams: SearchParams }) {
  const filter = await searchInput(FindingListInput, searchParams);
  return (
    <Page title="Access" lead="What should be mended or decided about who can log in, the worst first.">
      <AccessTabs />
      <FleetFindings view={await load(listFindings, filter)} filter={filter} />
    </Page>
  );
}
