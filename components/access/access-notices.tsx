import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { HostAccessView } from "@/lib/features/access/views";

/** What stands between the page and the truth: old facts, a failed reading, something left out. */
export function AccessNotices({ view }: { view: HostAccessView }) {
  const { failure, isStale, readAt, isConsistent, cuts, refused } = view;
  return (
    <>
      {failure !== null && (
        <Notice tone="danger" title="The last reading did not succeed">
          <UntrustedText text={failure} />
          {readAt && (
            <>
              {" "}
              What you see is from <RelativeTime at={readAt} />.
            </>
          )}
        </Notice>
      )}
      {failure === null && readAt && isStale && (
        <Notice tone="warn" title="This may no longer be so">
          The host was last read <RelativeTime at={readAt} />. Read it again.
        </Notice>
      )}
      {refused !== null && (
        <Notice tone="danger" title="sshd refuses its own configuration">
          <UntrustedText text={refused} /> While it runs it keeps the settings that it began with, which are
          not known here; after a restart nobody could log in.
        </Notice>
      )}
      {!isConsistent && (
        <Notice tone="warn" title="Something moved while the host was read">
          Its parts may not belong together. Read it again.
        </Notice>
      )}
      {cuts.length > 0 && (
        <Notice tone="warn" title="Not everything could be read">
          <ul className="list-disc pl-4">
            {cuts.map((cut) => (
              <li key={cut}>
                <UntrustedText text={cut} />
              </li>
            ))}
          </ul>
        </Notice>
      )}
    </>
  );
}
