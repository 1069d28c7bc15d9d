"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { EnforcementView } from "@/lib/features/changes/views";
import { Badge } from "../ui/badge";
import { Button, ButtonLink } from "../ui/button";
import { Fact, Facts } from "../ui/facts";
import { FormError } from "../ui/form-error";
import { Notice } from "../ui/notice";
import { RelativeTime } from "../ui/relative-time";
import { Section } from "../ui/section";
import { UntrustedText } from "../ui/untrusted-text";
import { useCommand } from "../ui/use-command";
import { SetTwoFactor } from "./set-two-factor";
import { stepWords, undoneWords } from "./two-factor-words";

/** How far the host asks for a second factor, and the next step: planned here, applied on the change's own page. */
export function EnforcementCard({ view }: { view: EnforcementView }) {
  const router = useRouter();
  const [setting, setSetting] = useState(false);
  const plan = useCommand<{ changeId: string }>("/api/v1/changes/two-factor", {
    refresh: false,
    onDone: ({ changeId }) => router.push(`/changes/${changeId}`),
  });
  const words = stepWords[view.step];
  const shown = view.isUndone ? undoneWords : words;
  const mayPlan = view.canEnforce && view.obstacle === null && view.readAt !== null;
  return (
    <Section
      title="Require a second factor"
      lead="sshd_config and its PAM file are changed as one, and undone as one by the host itself unless a login is seen to work."
      actions={
        mayPlan && (
          <>
            {view.step !== "off" && (
              <Button
                size="sm"
                pending={plan.pending}
                onClick={() => void plan.send({ hostId: view.hostId, step: "off" })}
              >
                Plan to turn it off
              </Button>
            )}
            <Button
              size="sm"
              variant={view.step === "required" ? "secondary" : "primary"}
              onClick={() => setSetting(true)}
            >
              {view.step === "off" ? "Begin: make it optional" : "Change it"}
            </Button>
          </>
        )
      }
    >
      <div className="grid grid-cols-1 gap-3">
        {view.open && (
          <Notice
            tone="info"
            title={view.open.isPlanned ? "A plan is waiting" : "A change is under way"}
            actions={
              <ButtonLink href={`/changes/${view.open.changeId}`} size="sm">
                Look at it
              </ButtonLink>
            }
          >
            {view.open.message}
          </Notice>
        )}
        {view.isUndone && (
          <Notice tone="danger" title="Taken out of sshd_config since">
            PAM still has the step “{words.label}”, but the lines by which sshd asks everybody for a code are
            gone. Change it to plan them anew, or turn it off; the history of the file tells who took them
            out.
          </Notice>
        )}
        {view.isForeign && (
          <Notice tone="warn" title="PAM asks for codes by lines of somebody else">
            With a plan of yours these lines are put aside as comments, and come back when it is turned off.
          </Notice>
        )}
        <Facts>
          <Fact name="In force now">
            <Badge tone={shown.tone}>{shown.label}</Badge>
            <span className="mt-1 block text-xs text-ink-soft">{shown.meaning}</span>
          </Fact>
          {view.since && (
            <Fact name="Since">
              <RelativeTime at={view.since.at} />, by{" "}
              <Link href={`/changes/${view.since.changeId}`} className="underline">
                a change of {view.since.by}
              </Link>
            </Fact>
          )}
          {view.recipe.securityKeyGroups.length > 0 && (
            <Fact name="Security keys">
              members of <Names names={view.recipe.securityKeyGroups} />
            </Fact>
          )}
          {view.recipe.keyOnlyGroups.length > 0 && (
            <Fact name="Robots, by key alone">
              members of <Names names={view.recipe.keyOnlyGroups} />
            </Fact>
          )}
          {view.recipe.exceptions.length > 0 && (
            <Fact name="Exceptions, by key alone">
              <ul className="grid gap-0.5">
                {view.recipe.exceptions.map(({ account, reason, byName }) => (
                  <li key={account}>
                    <UntrustedText text={account} className="font-mono text-xs" />: {reason}{" "}
                    <span className="text-ink-faint">({byName})</span>
                  </li>
                ))}
              </ul>
            </Fact>
          )}
          <Fact name="Gatehouse itself">by its own key, never by a code</Fact>
        </Facts>
        {view.readAt === null && (
          <p className="text-sm text-ink-soft">
            Who can log in on this host was not read yet. Read it on the page{" "}
            <Link href={`/hosts/${view.hostId}/access`} className="underline">
              Access
            </Link>
            .
          </p>
        )}
        {!view.canEnforce && (
          <p className="text-xs text-ink-faint">Owners and admins may plan and apply such a change.</p>
        )}
        {view.obstacle && view.canEnforce && <p className="text-sm text-ink-soft">{view.obstacle}</p>}
        <FormError error={plan.error} />
      </div>
      {setting && <SetTwoFactor view={view} onClose={() => setSetting(false)} />}
    </Section>
  );
}

function Names({ names }: { names: readonly string[] }) {
  return <UntrustedText text={names.join(", ")} className="font-mono text-xs" />;
}
