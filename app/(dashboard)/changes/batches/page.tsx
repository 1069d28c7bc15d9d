import { KeyRound } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { BatchTable } from "@/components/key-fleet/batch-table";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Page } from "@/components/ui/page";
import { Pagination } from "@/components/ui/pagination";
import { listBatches } from "@/lib/features/key-fleet/batch-queries";
import { BatchListInput } from "@/lib/features/key-fleet/schema";
import { load } from "@/lib/http/load";
import { type SearchParams, searchInput } from "@/lib/http/search-input";

export const metadata: Metadata = { title: "Batches of keys" };

export default async function BatchesPage({ searchParams }: { searchParams: SearchParams }) {
  const list = await load(listBatches, await searchInput(BatchListInput, searchParams));
  return (
    <Page
      above={
        <p className="text-xs text-ink-faint">
          <Link href="/changes" className="rounded-sm hover:underline">
            Changes
          </Link>
        </p>
      }
      title="Batches of keys"
      lead="Keys that come to, or go from, many hosts by one act. Each host's part is a change like any other."
    >
      {list.rows.length > 0 ? (
        <div>
          <BatchTable rows={list.rows} />
          <Pagination
            page={list.page}
            perPage={list.perPage}
            total={list.total}
            noun="batches"
            hrefOf={(page) => `/changes/batches?page=${page}`}
          />
        </div>
      ) : (
        <EmptyState
          icon={KeyRound}
          title="No batch yet"
          actions={<ButtonLink href="/access/keys">Look at the keys on hosts</ButtonLink>}
        >
          Choose keys that stand on hosts, or a person whose keys are to be placed, and plan it for all hosts
          at once.
        </EmptyState>
      )}
    </Page>
  );
}
