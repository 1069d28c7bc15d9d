"use client";

import { Plus, ShieldCheck } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Badge, Status } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Fact, Facts } from "@/components/ui/facts";
import { FormError } from "@/components/ui/form-error";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import { Section } from "@/components/ui/section";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { useCommand } from "@/components/ui/use-command";
import type { CodeEnrolmentView, HostCodesView } from "@/lib/features/host-codes/views";
import { CodeSteps } from "./code-steps";
import { clockWords } from "./code-words";
import { EnrolCodeFor } from "./enrol-code-for";
import { ForeignCode } from "./foreign-code";
import { PlacedCode } from "./placed-code";
import { ReadCodes } from "./read-codes";

interface Asked {
  account?: string;
  personId?: string;
}

/** One-time codes on a host: whether it can ask for them, who has some, and what is wrong with them. */
export function HostTwoFactor({ view, readiness }: { view: HostCodesView; readiness: ReactNode }) {
  const [asked, setAsked] = useState<Asked>();
  const [shown, setShown] = useState<{ place: string; enrolment: CodeEnrolmentView }>();
  const reread = <ReadCodes hostId={view.hostId} isRead={view.readAt !== null} obstacle={view.obstacle} />;
  const canEnrol = view.canWrite && view.obstacle === null && view.accounts.length > 0;
  return (
    <div className="grid grid-cols-1 gap-8">
      {view.failure && (
        <Notice tone="warn" title="The host could not be read">
          <UntrustedText text={view.failure} />
        </Notice>
      )}
      {view.place ? (
        <Section title="What the host can do" actions={reread}>
          <HostState view={view} place={view.place} />
        </Section>
      ) : (
        <EmptyState icon={ShieldCheck} title="State files were not read yet" actions={reread}>
          Whether the host has the PAM module, where it looks for secrets, and whose are there. Reading
          changes nothing, and no secret leaves the host.
        </EmptyState>
      )}
      {readiness}
      <Section
        bare
        title="People with codes"
        lead="A code comes beside the key, from an app on the person's phone."
        actions={
          canEnrol && (
            <Button size="sm" onClick={() => setAsked({})}>
              <Plus aria-hidden /> Enrol somebody
            </Button>
          )
        }
      >
        {view.codes.length === 0 ? (
          <p className="rounded-lg border border-dashed border-line-strong px-4 py-6 text-center text-sm text-ink-soft">
            Nobody has codes here that were made in Gatehouse. People enrol themselves under “Your sign-in”.
          </p>
        ) : (
          <ul className="grid grid-cols-1 gap-2">
            {view.codes.map((code) => (
              <PlacedCode
                key={code.id}
                code={code}
                title={
                  <>
                    {code.personName} as <span className="font-mono">{code.account}</span>
                  </>
                }
                canWrite={view.canWrite}
                onEnrol={() => setAsked({ account: code.account, personId: code.personId })}
              />
            ))}
          </ul>
        )}
      </Section>
      {view.foreign.length > 0 && (
        <Section
          bare
          title="Other state files"
          lead="Made on the host itself. Gatehouse does not know their secrets and leaves them alone."
        >
          <ul className="grid grid-cols-1 gap-2">
            {view.foreign.map((file) => (
              <ForeignCode
                key={file.account}
                hostId={view.hostId}
                file={file}
                onEnrol={canEnrol ? () => setAsked({ account: file.account }) : undefined}
              />
            ))}
          </ul>
        </Section>
      )}
      {asked && (
        <EnrolCodeFor
          view={view}
          account={asked.account}
          personId={asked.personId}
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

function HostState({ view, place }: { view: HostCodesView; place: NonNullable<HostCodesView["place"]> }) {
  const install = useCommand(`/api/v1/hosts/${view.hostId}/packages`);
  return (
    <div className="grid grid-cols-1 gap-3">
      <Facts>
        <Fact name="Logins ask for codes">
          {place.isInForce ? (
            <Badge tone="ok">{place.isOptional ? "from who has some" : "from everybody"}</Badge>
          ) : (
            <span className="text-ink-soft">not yet: codes are kept ready</span>
          )}
        </Fact>
        <Fact name="PAM module">
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            {place.hasModule ? (
              <UntrustedText text={place.moduleVersion || "present"} />
            ) : (
              <Status tone="warn">not installed</Status>
            )}
            {!place.hasModule && view.canInstall && view.obstacle === null && (
              <Button
                size="sm"
                pending={install.pending}
                onClick={() => void install.send({ action: "install", name: "libpam-google-authenticator" })}
              >
                Install libpam-google-authenticator
              </Button>
            )}
          </span>
        </Fact>
        <Fact name="State files">
          <code className="break-all font-mono text-xs">
            <UntrustedText text={place.pattern} />
          </code>
          <span className="block text-xs text-ink-faint">
            {place.readAs === "root"
              ? "Root's own: an account can neither read nor remove its secret."
              : "Each account's own, in its home directory."}
          </span>
        </Fact>
        <Fact name="Host's clock">{clockWords(view.clockOffsetSeconds) ?? "not read"}</Fact>
        <Fact name="Read">{view.readAt ? <RelativeTime at={view.readAt} /> : "never"}</Fact>
      </Facts>
      {place.reason && (
        <Notice tone="warn" title="Gatehouse does not write there">
          <UntrustedText text={place.reason} />
        </Notice>
      )}
      {place.isCut && <Notice tone="warn">The host has more state files than were read.</Notice>}
      <FormError error={install.error} />
    </div>
  );
}
