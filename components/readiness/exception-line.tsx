"use client";

import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";

interface Props {
  account: string;
  exception: { id: string; reason: string; byName: string; until: string };
  /** Undefined: the viewer may not. */
  onEnd: ((exception: { id: string; account: string }) => void) | undefined;
}

/** Who answers for an account, why, and until when. */
export function ExceptionLine({ account, exception, onEnd }: Props) {
  const { id, reason, byName, until } = exception;
  return (
    <span className="text-xs text-ink-soft">
      {byName} answers for <UntrustedText text={account} className="font-mono" />, until{" "}
      <RelativeTime at={until} />: <q>{reason}</q>
      {onEnd && (
        <>
          {" "}
          <button type="button" className="link" onClick={() => onEnd({ id, account })}>
            Take it back
          </button>
        </>
      )}
    </span>
  );
}
