"use client";

import { Plus, Smartphone } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import type { CodeEnrolmentView, CodePlaceView, MyHostCodesView } from "@/lib/features/host-codes/views";
import { CodeSteps } from "./code-steps";
import { EnrolMyCode } from "./enrol-my-code";
import { PlacedCode } from "./placed-code";
import { RevokeAllCodes } from "./revoke-all-codes";

/** One's own codes for logins on hosts, and the accounts that have none yet. */
export function MyHostCodes({ view }: { view: MyHostCodesView }) {
  const [asked, setAsked] = useState<{ places: readonly CodePlaceView[]; isAnew: boolean }>();
  const [shown, setShown] = useState<{ place: string; enrolment: CodeEnrolmentView }>();
  const hasPlaces = view.places.length > 0;
  const add = () => setAsked({ places: view.places, isAnew: false });
  return (
    <div className="grid grid-cols-1 gap-2">
      {view.revoked.map(({ id, account, hostName, byName, at }) => (
        <Notice key={id} tone="warn" title={`${byName} has revoked your codes`}>
          For <span className="font-mono">{account}</span> on {hostName}, <RelativeTime at={at} />. Add codes
          anew before you need them there.
        </Notice>
      ))}
      {view.codes.length === 0 ? (
        <EmptyState
          icon={Smartphone}
          title="No codes for hosts"
          actions={
            hasPlaces && (
              <Button variant="primary" onClick={add}>
                <Plus aria-hidden /> Add codes for a host
              </Button>
            )
          }
        >
          {hasPlaces
            ? "Where a host asks for a code beside your key, an app on your phone makes it."
            : "You may add them as soon as you can log in to a host: with a proved key, or because an admin let you use an account."}
        </EmptyState>
      ) : (
        <>
          <ul className="grid grid-cols-1 gap-2">
            {view.codes.map((code) => (
              <PlacedCode
                key={code.id}
                code={code}
                title={
                  <>
                    <span className="font-mono">{code.account}</span> on {code.hostName}
                  </>
                }
                canWrite
                onEnrol={() => setAsked({ places: [code], isAnew: true })}
              />
            ))}
          </ul>
          <div className="flex flex-wrap gap-2">
            {hasPlaces && (
              <Button size="sm" onClick={add}>
                <Plus aria-hidden /> Add codes for another host
              </Button>
            )}
            <RevokeAllCodes personId={view.personId} codes={view.codes} label="My phone is lost…" />
          </div>
        </>
      )}
      {asked && (
        <EnrolMyCode
          places={asked.places}
          isAnew={asked.isAnew}
          onClose={() => setAsked(undefined)}
          onShown={(place, enrolment) => {
            setAsked(undefined);
            setShown({ place, enrolment });
          }}
        />
      )}
      {shown && <CodeSteps place={shown.place} shown={shown.enrolment} onClose={() => setShown(undefined)} />}
    </div>
  );
}
