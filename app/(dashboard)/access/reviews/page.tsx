import { ClipboardCheck, Plus } from "lucide-react";
import type { Metadata } from "next";
import { AccessTabs } from "@/components/access/access-tabs";
import { MyReviews } from "@/components/access-reviews/my-reviews";
import { ReviewNav } from "@/components/access-reviews/review-nav";
import { ReviewTable } from "@/components/access-reviews/review-table";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Live } from "@/components/ui/live";
import { Page } from "@/components/ui/page";
import { Section } from "@/components/ui/section";
import { listMyReviews, listReviews } from "@/lib/features/access-reviews/queries";
import { getViewer } from "@/lib/features/people/queries";
import { load } from "@/lib/http/load";

export const metadata: Metadata = { title: "Reviews of access" };

export default async function ReviewsPage() {
  const [{ rows, revokedOpen }, mine, viewer] = await Promise.all([
    load(listReviews, {}),
    load(listMyReviews, {}),
    load(getViewer, {}),
  ]);
  const mayOpen = viewer.permissions.includes("review:manage");
  const openLink = mayOpen && (
    <ButtonLink variant="primary" href="/access/reviews/new">
      <Plus aria-hidden /> Open a review
    </ButtonLink>
  );
  return (
    <Page
      title="Reviews of access"
      lead="Somebody who knows says of each way in whether it should stay; what should not is watched until it is gone."
      actions={rows.length > 0 && openLink}
    >
      <Live topics={["reviews"]} />
      <AccessTabs />
      <ReviewNav open={revokedOpen} />
      {mine.length > 0 && (
        <Section bare title="Waiting for you">
          <MyReviews reviews={mine} />
        </Section>
      )}
      {rows.length > 0 ? (
        <ReviewTable rows={rows} />
      ) : (
        <EmptyState icon={ClipboardCheck} title="No review yet" actions={openLink}>
          {mayOpen
            ? "A review freezes every way in of some hosts; reviewers confirm or revoke each. Nothing changes on a host by it."
            : "An owner or admin opens one. Then you see here what it covers and what came of it."}
        </EmptyState>
      )}
    </Page>
  );
}
