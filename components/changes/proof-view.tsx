import type { ChangeView } from "@/lib/features/changes/views";
import { Fact, Facts } from "../ui/facts";
import { Fingerprint } from "../ui/fingerprint";
import { RelativeTime } from "../ui/relative-time";
import { UntrustedText } from "../ui/untrusted-text";

/** What the fresh login showed: kept with the change for good. */
export function ProofView({ proof }: { proof: NonNullable<ChangeView["proof"]> }) {
  return (
    <Facts>
      <Fact name="Fresh login">
        <RelativeTime at={proof.loginAt} /> on a new TCP connection to{" "}
        <UntrustedText text={proof.address} className="font-mono text-xs" />
      </Fact>
      <Fact name="Host key seen">
        <Fingerprint value={proof.hostKey} plain />
      </Fact>
      <Fact name="sshd's generation">
        <UntrustedText text={proof.generation} className="break-all font-mono text-xs" />
      </Fact>
      <Fact name="SHA-256 of the live file">
        <span className="break-all font-mono text-xs">{proof.liveSha256}</span>
      </Fact>
    </Facts>
  );
}
