import { Server } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { OpenReview } from "@/components/access-reviews/open-review";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Page } from "@/components/ui/page";
import { listReviewChoices } from "@/lib/features/access-reviews/queries";
import { getViewer } from "@/lib/features/people/queries";
import { load } from "@/lib/http/load";

export const metadata: Metadata = { title: "Open a review" };

export default async function OpenReviewPage() {
  const [choices, viewer] = await Promise.all([load(listReviewChoices, {}), load(getViewer, {})]);
  return (
    <Page
      narrow
      above={
        <Link href="/access/reviews" className="w-fit text-xs text-ink-faint hover:text-ink">
          Reviews of access
        </Link>
      }
      title="Open a review"
      lead="Freezes every way in as it was last read. Nothing changes on a host, now or by what is decided."
    >
      {choices.hosts.length === 0 ? (
        <EmptyState
          icon={Server}
          title="No host to review"
          actions={<ButtonLink href="/hosts/add">Add a host</ButtonLink>}
        >
          There is no host yet whose ways in could be reviewed.
        </EmptyState>
      ) : (
        <OpenReview choices={choices} dueDay={choices.dueDay} viewerId={viewer.personId} />
      )}
    </Page>
  );
}
