import type { Metadata } from "next";
import { AccessTabs } from "@/components/access/access-tabs";
import { WhatIf } from "@/components/access/what-if";
import { Page } from "@/components/ui/page";
import { WhatIfInput } from "@/lib/features/access/schema";
import { askWhatIf } from "@/lib/features/access/what-if-queries";
import { load } from "@/lib/http/load";
import { type SearchParams, searchInput } from "@/lib/http/search-input";

export const metadata: Metadata = { title: "What if" };

export default async function WhatIfPage({ searchParams }: { searchParams: SearchParams }) {
  const input = await searchInput(WhatIfInput, searchParams);
  return (
    <Page title="Access" lead="Somebody comes from an address, at a moment: what is open then?">
      <AccessTabs />
      <WhatIf view={await load(askWhatIf, input)} input={input} />
    </Page>
  );
}
