import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import type { WitnessesView } from "@/lib/features/activity/views";

/** Who keeps where the activity ended; and in a box that nobody overlooks, what does not agree with it. */
export function Witnesses({ witnesses }: { witnesses: WitnessesView }) {
  const { hosts, checkpointAt, faults } = witnesses;
  return (
    <>
      {faults.map(({ hostId, hostName, message, at }) => (
        <Notice key={hostId} tone="danger" title={`${hostName} remembers another activity`} className="mb-3">
          {message} Noticed <RelativeTime at={at} />. Export the activity and compare it with the file
          /var/lib/gatehouse/witness of the host: npm run activity:verify -- FILE --witness THAT-FILE. After a
          database was restored from a backup, this is what was lost.
        </Notice>
      ))}
      {checkpointAt && (
        <p className="pb-2 text-xs text-ink-faint">
          Last signed checkpoint <RelativeTime at={checkpointAt} />, kept by {hosts}{" "}
          {hosts === 1 ? "host" : "hosts"} as {hosts === 1 ? "a witness" : "witnesses"}.
        </p>
      )}
    </>
  );
}
