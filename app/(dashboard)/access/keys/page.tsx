import type { Metadata } from "next";
import { AccessTabs } from "@/components/access/access-tabs";
import { FoundKeys } from "@/components/key-fleet/found-keys";
import { TagBatches } from "@/components/key-fleet/tag-batches";
import { ButtonLink } from "@/components/ui/button";
import { Page } from "@/components/ui/page";
import { listFoundKeys } from "@/lib/features/key-fleet/found-queries";
import { FoundKeysInput } from "@/lib/features/key-fleet/schema";
import { load } from "@/lib/http/load";
import { type SearchParams, searchInput } from "@/lib/http/search-input";

export const metadata: Metadata = { title: "Keys on hosts" };

export default async function FoundKeysPage({ searchParams }: { searchParams: SearchParams }) {
  const filter = await searchInput(FoundKeysInput, searchParams);
  const view = await load(listFoundKeys, filter);
  return (
    <Page
      title="Access"
      lead="Keys that stand in key files of hosts, by the last readings: whose they are, and what is to become of them."
      actions={
        <>
          {view.canPlan && <TagBatches tags={view.tags} />}
          <ButtonLink href="/changes/batches">Batches</ButtonLink>
        </>
      }
    >
      <AccessTabs />
      <FoundKeys view={view} filter={filter} />
    </Page>
  );
}
