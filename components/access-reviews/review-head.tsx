import { CopyButton } from "@/components/ui/copy-button";
import { Fact, Facts } from "@/components/ui/facts";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { ReviewView } from "@/lib/features/access-reviews/views";
import { ReviewProgress, ReviewState } from "./review-progress";
import { count, scopeWords, someOf } from "./review-words";

/** What a campaign is about, where it stands, and the hashes that stand for it. */
export function ReviewHead({ review }: { review: ReviewView }) {
  const { counts, closedAt, closedByName, closeReason, snapshotSha256, evidenceSha256 } = review;
  return (
    <div className="grid grid-cols-1 gap-3">
      <div className="rounded-lg border border-line bg-surface p-4">
        <Facts>
          <Fact name="State">
            <span className="flex flex-wrap items-center gap-x-4 gap-y-1">
              <ReviewState review={review} />
              <ReviewProgress counts={counts} />
            </span>
          </Fact>
          <Fact name="About">{scopeWords(review)}</Fact>
          <Fact name="Reviewers">{someOf(review.reviewers, 6) || "nobody"}</Fact>
          <Fact name="Opened">
            <RelativeTime at={review.openedAt} /> by {review.openedByName}
          </Fact>
          {closedAt && (
            <Fact name="Closed">
              <RelativeTime at={closedAt} /> by {closedByName}
              {closeReason && (
                <>
                  , with {count(counts.undecided, "way", "ways")} undecided: “{closeReason}”
                </>
              )}
            </Fact>
          )}
          <Fact name="Confirmed, revoked">
            {counts.confirmed.toLocaleString("en")} confirmed, {counts.revoked.toLocaleString("en")} revoked
            {counts.revoked > 0 &&
              (counts.revokedOpen === 0
                ? ", all of them gone"
                : counts.revokedOpen === counts.revoked
                  ? ", none of them known to be gone yet"
                  : `, ${counts.revokedOpen.toLocaleString("en")} of them not known to be gone`)}
          </Fact>
          <Fact name={evidenceSha256 ? "Hash of the evidence" : "Hash of the snapshot"}>
            <span className="flex min-w-0 items-center gap-1">
              <code className="min-w-0 break-all font-mono text-xs">{evidenceSha256 ?? snapshotSha256}</code>
              <CopyButton text={evidenceSha256 ?? snapshotSha256} label="Copy the hash" className="-my-1" />
            </span>
          </Fact>
        </Facts>
      </div>
      <Gaps review={review} />
    </div>
  );
}

/** Hosts of which not everything was known when the campaign opened: what is not in it was not reviewed. */
function Gaps({ review }: { review: ReviewView }) {
  const gaps = review.hostRows.filter((host) => host.gap !== null);
  if (gaps.length === 0) return null;
  return (
    <Notice
      tone="warn"
      title={`Of ${count(gaps.length, "host", "hosts")} not everything was known when the review opened`}
    >
      What is not listed was not reviewed.
      <ul className="list-disc pl-4">
        {gaps.slice(0, 8).map(({ hostId, hostName, gap }) => (
          <li key={hostId}>
            {hostName}: {gap && <UntrustedText text={gap} />}
          </li>
        ))}
        {gaps.length > 8 && <li>and {gaps.length - 8} more</li>}
      </ul>
    </Notice>
  );
}
