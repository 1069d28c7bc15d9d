import type { ChangeView } from "@/lib/features/changes/views";
import { Fact, Facts } from "../ui/facts";
import { Fingerprint } from "../ui/fingerprint";
import { RelativeTime } from "../ui/relative-time";
import { UntrustedText } from "../ui/untrusted-text";

interface Props {
  change: Pick<ChangeView, "kind" | "witness" | "plan">;
  proof: NonNullable<ChangeView["proof"]>;
}

/** What the fresh login showed: kept with the change for good. */
export function ProofView({ change, proof }: Props) {
  const { witness } = change;
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
        <UntrustedText text={proof.liveSha256} className="break-all font-mono text-xs" />
      </Fact>
      {change.kind === "two-factor" && (
        <Fact name="Through key and code">
          {witness ? (
            <>
              <UntrustedText text={witness.account} className="font-mono text-xs" />
              {witness.address && (
                <>
                  {" "}
                  from <UntrustedText text={witness.address} className="font-mono text-xs" />
                </>
              )}
              , <RelativeTime at={witness.at} />, by the host's own record (
              <UntrustedText text={witness.method} className="font-mono text-xs" />)
            </>
          ) : change.plan?.twoFactor?.proof.kind === "login" ? (
            "not seen by the host yet"
          ) : (
            "none to be seen: it rests on the word of the person who keeps it"
          )}
        </Fact>
      )}
    </Facts>
  );
}
