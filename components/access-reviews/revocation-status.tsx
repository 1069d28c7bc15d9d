import Link from "next/link";
import { Badge, type Tone } from "@/components/ui/badge";
import { CopyButton } from "@/components/ui/copy-button";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { FixView, RevocationView } from "@/lib/features/access-reviews/views";
import { revocationWords } from "./review-words";

const tones: Readonly<Record<RevocationView["state"], Tone>> = {
  waiting: "warn",
  there: "danger",
  gone: "ok",
  doubt: "warn",
};

/** Where a revoked way stands: what was wanted, and what a reading of the host has shown. */
export function RevocationStatus({ revocation }: { revocation: RevocationView }) {
  const { state, at, isChanged, backAt, doubt } = revocation;
  return (
    <span className="grid max-w-72 justify-items-start gap-0.5 sm:justify-items-end sm:text-right">
      <Badge tone={tones[state]}>
        {revocationWords[state]}
        {state === "gone" && at && (
          <>
            {" since "}
            <RelativeTime at={at} />
          </>
        )}
      </Badge>
      {state === "there" && at && (
        <span className="text-xs text-ink-soft">
          {isChanged && "in another form, "}seen <RelativeTime at={at} />
        </span>
      )}
      {backAt && state !== "gone" && (
        <span className="text-xs text-danger">
          it had been gone, and came back <RelativeTime at={backAt} />
        </span>
      )}
      {state === "doubt" && doubt !== null && (
        <span className="text-xs text-ink-soft">
          <UntrustedText text={doubt} />
        </span>
      )}
    </span>
  );
}

/** What ends a revoked way: the line, and the page where it is done. */
export function Fix({ fix, host }: { fix: FixView; host: string }) {
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-0.5 text-xs">
      <span className="min-w-0 break-words text-ink">
        On {host}: <UntrustedText text={fix.text} />
      </span>
      {fix.source && <CopyButton text={fix.source} label="Copy the place" />}
      {fix.link && (
        <Link prefetch={false} href={fix.link.href} className="link">
          {fix.link.label}
        </Link>
      )}
    </div>
  );
}
