"use client";

import { Notice } from "@/components/ui/notice";
import { FirstWayIn } from "./first-way-in";
import { useFragment } from "./use-fragment";

/** An invited person's first way in. The token stands in the fragment of the link. */
export function InvitationForm() {
  const token = useFragment();
  return (
    <div className="grid gap-5">
      <div className="grid gap-1">
        <h1 className="text-2xl font-semibold">You are invited</h1>
        <p className="text-sm text-ink-soft">Choose how you will sign in to Gatehouse. It takes a minute.</p>
      </div>
      {token === "" ? (
        <Notice tone="warn" title="This link is not whole">
          Its last part, after the # sign, is missing. Copy the whole link from the message, or ask for a new
          one.
        </Notice>
      ) : (
        <FirstWayIn base="/api/v1/invitations" identity={{ token }} submitLabel="Join" />
      )}
    </div>
  );
}
