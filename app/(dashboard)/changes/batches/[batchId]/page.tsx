import type { Metadata } from "next";
import Link from "next/link";
import { BatchActs } from "@/components/key-fleet/batch-acts";
import { BatchHosts } from "@/components/key-fleet/batch-hosts";
import { BatchProgress } from "@/components/key-fleet/batch-progress";
import { BatchStanding } from "@/components/key-fleet/batch-table";
import { Live } from "@/components/ui/live";
import { Page } from "@/components/ui/page";
import { Pagination } from "@/components/ui/pagination";
import { RelativeTime } from "@/components/ui/relative-time";
import { getBatch } from "@/lib/features/key-fleet/batch-queries";
import { BatchInput } from "@/lib/features/key-fleet/schema";
import { load } from "@/lib/http/load";
import { type SearchParams, searchInput } from "@/lib/http/search-input";

interface Props {
  params: Promise<{ batchId: string }>;
  searchParams: SearchParams;
}

const Filter = BatchInput.omit({ batchId: true });

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { title } = await load(getBatch, await params);
  return { title };
}

export default async function BatchPage({ params, searchParams }: Props) {
  const { batchId } = await params;
  const filter = await searchInput(Filter, searchParams);
  const batch = await load(getBatch, { batchId, ...filter });
  return (
    <Page
      above={
        <p className="text-xs text-ink-faint">
          <Link href="/changes" className="rounded-sm hover:underline">
            Changes
          </Link>{" "}
          ·{" "}
          <Link href="/changes/batches" className="rounded-sm hover:underline">
            Batches of keys
          </Link>
          {batch.personId && (
            <>
              {" "}
              ·{" "}
              <Link href={`/people/${batch.personId}`} className="rounded-sm hover:underline">
                {batch.personName ?? "A person"}
              </Link>
            </>
          )}
        </p>
      }
      title={batch.title}
      lead={
        <>
          by {batch.authorName}, <RelativeTime at={batch.createdAt} />
          {batch.confirmedAt && (
            <>
              {" · confirmed by "}
              {batch.confirmedByName ?? "somebody"}, <RelativeTime at={batch.confirmedAt} />
            </>
          )}{" "}
          · <BatchStanding batch={batch} />
        </>
      }
      actions={<BatchActs batch={batch} />}
    >
      <Live topics={[`key-batch:${batch.id}`]} />
      <BatchProgress batch={batch} state={filter.state} />
      <div>
        <BatchHosts batch={batch} />
        <Pagination
          page={batch.page}
          perPage={batch.perPage}
          total={batch.total}
          noun="hosts"
          hrefOf={(page) =>
            `/changes/batches/${batch.id}?${new URLSearchParams({
              ...(filter.state !== "" && { state: filter.state }),
              page: String(page),
            })}`
          }
        />
      </div>
    </Page>
  );
}
