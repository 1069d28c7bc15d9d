import { Status } from "@/components/ui/badge";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { PersonKeyAttestation } from "@/lib/features/keys/schema";

/** What the attestation of a key says, and who vouches for it. */
export function KeyAttestation({ attestation }: { attestation: PersonKeyAttestation }) {
  const { root, subject, aaguid, isSelf } = attestation;
  return (
    <div className="grid grid-cols-1 gap-0.5 text-xs text-ink-soft">
      <p>
        {root !== null ? (
          <Status tone="ok">Made in an authenticator, vouched for by a trusted maker</Status>
        ) : (
          <Status tone="info">
            {isSelf
              ? "Made in an authenticator, by its own word"
              : "Made in an authenticator; no trusted root vouches for its certificate"}
          </Status>
        )}
      </p>
      {subject !== null && (
        <p>
          Certificate: <UntrustedText text={subject} />
        </p>
      )}
      {aaguid !== null && (
        <p>
          Model (AAGUID): <span className="font-mono break-all">{aaguid}</span>
        </p>
      )}
    </div>
  );
}
