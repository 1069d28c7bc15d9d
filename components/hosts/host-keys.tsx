import { Fingerprint } from "@/components/ui/fingerprint";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { HostView } from "@/lib/features/hosts/views";

/** The keys by which we know the host, and the one by which it knows us. */
export function HostKeys({ host }: { host: HostView }) {
  return (
    <ul className="grid divide-y divide-line text-sm [&>li:first-child]:pt-0 [&>li:last-child]:pb-0 [&>li]:grid [&>li]:py-2">
      {host.pins.map((pin) => (
        <li key={pin.fingerprint}>
          <span className="flex flex-wrap justify-between gap-x-3 text-xs text-ink-faint">
            <UntrustedText text={pin.type} className="font-mono text-ink-soft" />
            <span>
              {pin.origin}, <RelativeTime at={pin.at} />
            </span>
          </span>
          <Fingerprint value={pin.fingerprint} />
        </li>
      ))}
      {host.pins.length === 0 && <li className="text-ink-faint">No host key is pinned yet.</li>}
      {host.managementFingerprint && (
        <li>
          <span className="text-xs text-ink-faint">
            <span className="text-ink-soft">Our key there.</span> Only this host takes it, and only for the
            agent.
          </span>
          <Fingerprint value={host.managementFingerprint} />
        </li>
      )}
    </ul>
  );
}
