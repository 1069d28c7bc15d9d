import { Notice } from "@/components/ui/notice";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { ReviewPreview } from "@/lib/features/access-reviews/views";
import { count } from "./review-words";

/** Names of hosts that fit into a notice. */
const mostNamed = 5;

/** What the campaign would freeze, before it does. */
export function PreviewNotice({ preview }: { preview: ReviewPreview | undefined }) {
  if (!preview)
    return (
      <p className="text-sm text-ink-faint" role="status">
        Counting the ways in …
      </p>
    );
  const { hosts, ways, gaps, mostItems } = preview;
  return (
    <div className="grid gap-2">
      <p className="text-sm" role="status">
        <strong className="font-semibold">{count(ways, "way in", "ways in")}</strong> on{" "}
        {count(hosts, "host", "hosts")} would be frozen, each to be confirmed or revoked.
      </p>
      {ways > mostItems && (
        <Notice tone="danger">
          At most {mostItems.toLocaleString("en")} can be decided in one review. Take fewer hosts or accounts.
        </Notice>
      )}
      {gaps.length > 0 && (
        <Notice tone="warn" title={`Of ${count(gaps.length, "host", "hosts")} not everything is known`}>
          <ul className="list-disc pl-4">
            {gaps.slice(0, mostNamed).map(({ hostName, gap }) => (
              <li key={hostName}>
                {hostName}: <UntrustedText text={gap} />
              </li>
            ))}
            {gaps.length > mostNamed && <li>and {gaps.length - mostNamed} more</li>}
          </ul>
        </Notice>
      )}
    </div>
  );
}
